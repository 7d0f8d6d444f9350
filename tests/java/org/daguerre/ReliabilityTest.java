package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.HostTensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a session does when memory runs out or numbers go wrong. */
class ReliabilityTest {
    @TempDir
    Path folder;

    static Stream<TestEngine> engines() {
        return TestEngine.all().stream();
    }

    private static Request.Builder request(int side) {
        return Request.builder("a cat").steps(1).size(side, side).seed(3);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void outOfMemoryLeavesTheSessionUsable(TestEngine engine) {
        long limit = engine.type().bytes() * 4L << 20;
        try (Daguerre sd = Daguerre.builder().model(Goldens.model("tiny-sd1")).device(engine.engine()).precision(engine.type().name())
            .memoryLimit(limit).open()) {
            float[] before = sd.generate(request(64).build()).picture().pixels().planes();
            for (int i = 0; i < 2; i++) {
                BackendException e = assertThrows(BackendException.OutOfMemory.class, () -> sd.generate(request(256).build()));
                assertTrue(e.getMessage().matches("(?s).*\\d{6,}.*"), "bytes are named: " + e.getMessage());
                assertArrayEquals(before, sd.generate(request(64).build()).picture().pixels().planes());
            }
        }
    }

    @Test
    void latentsThatAreNoNumbersAreNoPicture() throws IOException {
        assertTrue(failure("unet/diffusion_pytorch_model.safetensors", "conv_out.bias").contains("latents are not finite"));
    }

    @Test
    void picturesThatAreNoNumbersAreNoPicture() throws IOException {
        assertTrue(failure("vae/diffusion_pytorch_model.safetensors", "decoder.conv_out.bias").contains("autoencoder"));
    }

    /** Message of a run of a model with one tensor of NaN. */
    private String failure(String file, String tensor) throws IOException {
        copyModel();
        Path damaged = folder.resolve(file);
        List<HostTensor> tensors = new ArrayList<>();
        try (Checkpoint original = Checkpoints.open(Goldens.model("tiny-sd1").resolve(file))) {
            for (String name : original.names()) {
                HostTensor t = original.tensor(name);
                float[] values = t.toFloats();
                if (name.equals(tensor)) {
                    values[0] = Float.NaN;
                }
                tensors.add(HostTensor.of(name, t.shape(), values));
            }
            Files.delete(damaged);
            SafetensorsWriter.write(damaged, tensors, original.metadata());
        }
        try (Daguerre sd = Daguerre.builder().model(folder).device("java").open()) {
            return assertThrows(ArithmeticException.class, () -> sd.generate(request(64).build())).getMessage();
        }
    }

    private void copyModel() throws IOException {
        Path model = Goldens.model("tiny-sd1");
        try (Stream<Path> files = Files.walk(model)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path here = folder.resolve(model.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(here);
                } else {
                    Files.copy(file, here);
                }
            }
        }
    }
}
