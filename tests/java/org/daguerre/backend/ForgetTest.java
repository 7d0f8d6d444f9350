package org.daguerre.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.testing.TestEngine;
import org.daguerre.weights.SafetensorsFile;
import org.daguerre.weights.SafetensorsWriter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Weights that were read leave the process's memory and come back unchanged; weights that lie in memory only are left
 * alone.
 */
class ForgetTest {
    private static final int COUNT = 1 << 24;
    private static final long BYTES = 4L * COUNT;

    @ParameterizedTest
    @MethodSource("org.daguerre.testing.TestEngine#natives")
    void forgets(TestEngine engine, @TempDir Path folder) throws IOException {
        assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "resident memory is read from Linux's /proc");
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = i;
        }
        HostTensor inMemory = HostTensor.of("x", Shape.of(COUNT), values);
        Path path = folder.resolve("x.safetensors");
        SafetensorsWriter.write(path, List.of(inMemory), Map.of());
        try (Backend backend = engine.open(); SafetensorsFile file = SafetensorsFile.open(path)) {
            HostTensor mapped = file.tensor("x").reshape(Shape.of(4, COUNT / 4)).withName("y");
            assertArrayEquals(values, mapped.toFloats());
            long before = mappedFiles();
            backend.forget(mapped);
            long after = mappedFiles();
            assertTrue(after < before - BYTES / 2, "mapped files in memory: " + before + " bytes, then " + after);
            assertArrayEquals(values, mapped.toFloats());
            backend.forget(inMemory);
            assertArrayEquals(values, inMemory.toFloats());
        }
    }

    private static long mappedFiles() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return 1024 * lines.filter(l -> l.startsWith("RssFile:"))
                .mapToLong(l -> Long.parseLong(l.replaceAll("\\D+", ""))).findFirst().orElseThrow();
        }
    }
}
