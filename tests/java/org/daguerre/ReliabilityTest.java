package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @CsvSource({
        "unet, conv_in.weight, NaN, the U-Net's layer conv_in",
        "unet, time_embedding.linear_1.bias, NaN, in the U-Net's time_embedding",
        "unet, down_blocks.1.resnets.0.conv1.weight, Infinity, the U-Net's layer down_blocks.1.resnets.0",
        "unet, mid_block.resnets.1.conv2.bias, -Infinity, the U-Net's layer mid_block.resnets.1",
        "unet, conv_out.bias, NaN, the U-Net's layer conv_out",
        "vae, decoder.mid_block.resnets.0.conv1.bias, NaN, the decoder's layer mid_block.resnets.0",
        "vae, decoder.up_blocks.1.resnets.0.conv2.bias, Infinity, the decoder's layer up_blocks.1.resnets.0",
        "vae, decoder.conv_out.bias, NaN, the decoder's layer conv_out"})
    void numbersThatAreNotFiniteAreNoPicture(String part, String tensor, float value, String layer) throws IOException {
        String message = failure(part, tensor, value, "java", "auto");
        assertTrue(message.contains(part.equals("unet") ? "latents are not finite numbers: first in step 1, " : "autoencoder: "), message);
        assertTrue(message.endsWith(layer), message);
    }

    /** The number fits f16, what it adds up to does not. */
    @ParameterizedTest
    @MethodSource("halves")
    void overflowIsNamedWithWhatToDo(TestEngine engine) throws IOException {
        String message = failure("unet", "mid_block.resnets.0.conv2.weight", 60000, engine.engine(), "f16");
        assertTrue(message.matches(".*layer mid_block\\.resnets\\.0 \\(f16 overflows at 65,504; the precisions bf16 and f32 do not\\)"), message);
    }

    static Stream<TestEngine> halves() {
        return engines().filter(e -> e.type() == DType.F16);
    }

    @Test
    void aRunThatEndsWellTellsItsStepsOnce() {
        List<Integer> steps = new ArrayList<>();
        try (Daguerre sd = Daguerre.builder().model(Goldens.model("tiny-sd1")).device("java").open()) {
            sd.generate(request(64).sampler("ddim").steps(2).onProgress(p -> steps.add(p.step())).build());
        }
        assertEquals(List.of(1, 2), steps);
    }

    /** Message of a run of a model with another tensor, all of one number. */
    private String failure(String part, String tensor, float value, String engine, String precision) throws IOException {
        copyModel();
        String file = part + "/diffusion_pytorch_model.safetensors";
        Path damaged = folder.resolve(file);
        List<HostTensor> tensors = new ArrayList<>();
        try (Checkpoint original = Checkpoints.open(Goldens.model("tiny-sd1").resolve(file))) {
            for (String name : original.names()) {
                HostTensor t = original.tensor(name);
                float[] values = t.toFloats();
                if (name.equals(tensor)) {
                    Arrays.fill(values, value);
                }
                tensors.add(HostTensor.of(name, t.shape(), values));
            }
            Files.delete(damaged);
            SafetensorsWriter.write(damaged, tensors, original.metadata());
        }
        try (Daguerre sd = Daguerre.builder().model(folder).device(engine).precision(precision).open()) {
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
