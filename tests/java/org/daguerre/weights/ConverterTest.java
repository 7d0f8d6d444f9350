package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ConverterTest {
    private static final Path MODELS = Path.of("tests/fixtures/models");

    @TempDir
    Path folder;

    private static Stream<String> models() {
        return Stream.of("tiny-sd1", "tiny-sd2v", "tiny-sdxl", "tiny-sdxl-refiner", "tiny-inpaint", "tiny-depth");
    }

    private static void assertSameModel(ModelSource expected, ModelSource found) {
        assertEquals(expected.family(), found.family());
        for (String component : List.of("unet", "vae", "text_encoder", "text_encoder_2")) {
            assertEquals(expected.has(component), found.has(component), component);
            if (expected.has(component)) {
                try (Checkpoint a = expected.weights(component); Checkpoint b = found.weights(component)) {
                    SingleFileTest.assertSameTensors(a, b);
                }
            }
        }
    }

    /** To a single file and from there to a folder: the weights come back bit by bit, with what the U-Net predicts. */
    @TestFactory
    Stream<DynamicTest> thereAndBack() {
        return models().map(name -> DynamicTest.dynamicTest(name, () -> {
            Path directory = MODELS.resolve(name);
            Path file = folder.resolve(name + ".safetensors");
            Path again = folder.resolve(name);
            Converter.toSafetensors(directory, file, DType.F16);
            try (ModelSource a = ModelSource.open(directory); SingleFile b = SingleFile.open(file, directory)) {
                assertSameModel(a, b);
                assertEquals(Set.of(), b.unknown());
                assertEquals(a.config("scheduler").getString("prediction_type", "epsilon"), b.prediction().type());
                Converter.toSafetensors(b, again, DType.F16);
                try (ModelDirectory c = ModelDirectory.open(again)) {
                    assertSameModel(a, c);
                    assertEquals(a.config("unet").toJson(), c.config("unet").toJson());
                    String tokenizer = a.has("tokenizer") ? "tokenizer" : "tokenizer_2";
                    assertEquals(a.folder(tokenizer).isPresent(), c.folder(tokenizer).isPresent());
                }
            }
        }));
    }

    /** The converted folder has the tensors of the published single file of the same model. */
    @Test
    void namesAreThoseOfTheOriginals() {
        for (String name : List.of("tiny-sd1", "tiny-sdxl")) {
            Path file = folder.resolve(name + ".safetensors");
            Converter.toSafetensors(MODELS.resolve(name), file, DType.F16);
            try (Checkpoint expected = Checkpoints.open(MODELS.resolve(name + ".safetensors"));
                Checkpoint found = Checkpoints.open(file)) {
                for (String tensor : found.names()) {
                    assertEquals(expected.tensor(tensor).data(), found.tensor(tensor).data(), tensor);
                }
                long extras = expected.names().stream()
                    .filter(n -> n.endsWith("position_ids") || n.endsWith("logit_scale")).count();
                assertEquals(expected.names().size() - extras, found.names().size());
            }
        }
    }

    @Test
    void checkpointsLoseTheRemainsOfTraining() {
        Path file = folder.resolve("sd1.safetensors");
        Converter.toSafetensors(MODELS.resolve("tiny-sd1.ckpt"), file, DType.F32);
        try (SingleFile a = SingleFile.open(MODELS.resolve("tiny-sd1.ckpt")); SingleFile b = SingleFile.open(file)) {
            assertEquals(5, a.skipped().size());
            assertEquals(Map.of(), b.skipped());
            assertEquals(DType.F32, b.weights("unet").dtype("conv_in.weight"));
            assertArrayEquals(a.weights("unet").tensor("conv_in.weight").toFloats(),
                b.weights("unet").tensor("conv_in.weight").toFloats());
        }
    }

    @Test
    void adaptersAndOtherNetworks() {
        Path adapters = Path.of("tests/fixtures/adapters");
        Path ti = folder.resolve("ti.safetensors");
        Converter.toSafetensors(adapters.resolve("ti_sd1_paramdict_legacy.pt"), ti, DType.F32);
        try (Checkpoint c = Checkpoints.open(ti)) {
            assertEquals(Set.of("emb_params"), c.names());
        }
        assertThrows(CheckpointException.class, () -> Converter.toSafetensors(adapters.resolve("hypernetwork_a.pt"),
            folder.resolve("h.safetensors"), DType.F16));
        Path net = folder.resolve("net.safetensors");
        Converter.toSafetensors(MODELS.resolve("tiny-controlnet"), net, DType.BF16);
        try (SingleFile c = SingleFile.open(net)) {
            assertEquals(CheckpointKind.CONTROLNET, c.recognition().kind());
        }
        assertThrows(IllegalArgumentException.class,
            () -> Converter.toSafetensors(MODELS.resolve("tiny-esrgan/x4.pth"), folder.resolve("x"), DType.F16));
        assertThrows(IllegalArgumentException.class, () -> Converter.toSafetensors(ti, ti, DType.I32));
    }

    @Test
    void numbersTooLargeForHalfPrecision() {
        Path big = folder.resolve("big.safetensors");
        SafetensorsWriter.write(big, List.of(HostTensor.of("w", Shape.of(2), new float[] {1, 70000})), Map.of());
        Path out = folder.resolve("out.safetensors");
        String message = assertThrows(CheckpointException.class, () -> Converter.toSafetensors(big, out, DType.F16))
            .getMessage();
        assertTrue(message.contains("70000") && message.contains("tensor w"), message);
        assertFalse(Files.exists(out));
        Converter.toSafetensors(big, out, DType.BF16);
    }

    /** A folder appears whole: where a configuration is missing, nothing is left behind. */
    @Test
    void foldersAppearWhole() throws IOException {
        Path out = folder.resolve("model");
        assertThrows(CheckpointException.class,
            () -> Converter.toSafetensors(MODELS.resolve("tiny-sd1.safetensors"), out, DType.F16));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
        Files.createDirectory(out);
        assertThrows(IllegalArgumentException.class,
            () -> Converter.toSafetensors(MODELS.resolve("tiny-sd1"), out, DType.F16));
    }
}
