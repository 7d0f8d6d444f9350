package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
    @TempDir
    Path folder;

    /** A file may hold integers (positions of tokens), and they are never a weight. */
    @Test
    void integersAreNoWeights() throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, List.of(new HostTensor("conv_in.weight", DType.I64, Shape.of(2), HostTensor.allocate(16))), Map.of());
        try (Checkpoint checkpoint = Checkpoints.open(file)) {
            Weights weights = Weights.of(checkpoint).sub("conv_in");
            String message = assertThrows(CheckpointException.class, () -> weights.tensor("weight", 2)).getMessage();
            assertTrue(message.endsWith("expected tensor conv_in.weight of floating point numbers, found I64"), message);
            weights.ignore("weight");
            assertTrue(weights.unused().isEmpty());
        }
    }
}
