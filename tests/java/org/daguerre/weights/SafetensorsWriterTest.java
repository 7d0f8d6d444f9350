package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    private static final HostTensor A = HostTensor.of("a", Shape.of(2), new float[] {1, 2});
    private static final HostTensor B = HostTensor.of("b", Shape.of(3), new float[] {3, 4, 5}).to(DType.F16);
    private static final List<SafetensorsWriter.Entry> ENTRIES = List.of(
        new SafetensorsWriter.Entry("b", DType.F16, Shape.of(3)),
        new SafetensorsWriter.Entry("a", DType.F32, Shape.of(2)));

    @TempDir
    Path folder;

    private List<Path> files() throws IOException {
        try (Stream<Path> s = Files.list(folder)) {
            return s.toList();
        }
    }

    @Test
    void appearsWhole() throws IOException {
        Path target = folder.resolve("x.safetensors");
        try (SafetensorsWriter w = SafetensorsWriter.create(target, ENTRIES, Map.of())) {
            w.put(B);
            w.put(A);
            assertTrue(Files.notExists(target));
            w.finish();
        }
        assertEquals(List.of(target), files());
        try (Checkpoint c = Checkpoints.open(target)) {
            assertArrayEquals(new float[] {1, 2}, c.tensor("a").toFloats());
            assertArrayEquals(new float[] {3, 4, 5}, c.tensor("b").toFloats());
        }
    }

    @Test
    void replacesAFileOnlyWhenFinished() throws IOException {
        Path target = Files.writeString(folder.resolve("x.safetensors"), "before");
        try (SafetensorsWriter w = SafetensorsWriter.create(target, ENTRIES, Map.of())) {
            w.put(A);
            assertThrows(IllegalArgumentException.class, w::finish);
        }
        assertEquals("before", Files.readString(target));
        assertEquals(List.of(target), files());
        SafetensorsWriter.write(target, List.of(A), Map.of());
        SafetensorsFile.open(target).close();
    }

    @Test
    void refusesWhatWasNotAnnounced() {
        try (SafetensorsWriter w = SafetensorsWriter.create(folder.resolve("x"), ENTRIES, Map.of())) {
            w.put(A);
            assertThrows(IllegalArgumentException.class, () -> w.put(A));
            assertThrows(IllegalArgumentException.class, () -> w.put(B.withName("c")));
            assertThrows(IllegalArgumentException.class, () -> w.put(B.to(DType.F32)));
            assertThrows(IllegalArgumentException.class, () -> w.put(B.reshape(Shape.of(3, 1))));
        }
        assertThrows(IllegalArgumentException.class,
            () -> SafetensorsWriter.write(folder.resolve("y"), List.of(A, A), Map.of()));
        assertThrows(CheckpointException.class,
            () -> SafetensorsWriter.write(folder.resolve("no/such/folder/y"), List.of(A), Map.of()));
    }

    @Test
    void nothingAtAll() {
        SafetensorsWriter.write(folder.resolve("none"), List.of(), Map.of());
        try (Checkpoint c = Checkpoints.open(folder.resolve("none"))) {
            assertTrue(c.names().isEmpty());
        }
    }
}
