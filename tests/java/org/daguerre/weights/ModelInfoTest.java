package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.daguerre.tensor.DType;
import org.daguerre.weights.dialect.LayoutTable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ModelInfoTest {
    private static final Path MODELS = Path.of("tests/fixtures/models");
    private static final Path ADAPTERS = Path.of("tests/fixtures/adapters");

    @Test
    void folderAndFileAgree() {
        ModelInfo folder = ModelInfo.describe(MODELS.resolve("tiny-sdxl"));
        ModelInfo file = ModelInfo.describe(MODELS.resolve("tiny-sdxl.safetensors"));
        for (ModelInfo m : List.of(folder, file)) {
            assertEquals(CheckpointKind.MODEL, m.kind());
            assertEquals(Family.SDXL, m.family());
            assertEquals(Optional.of(Task.TEXT_TO_IMAGE), m.task());
            assertEquals("epsilon", m.prediction().orElseThrow().type());
            assertEquals(4, m.parts().size());
        }
        assertEquals(folder.parameters(), file.parameters());
        assertEquals(2 * file.parameters(), file.bytes());
        assertEquals(2, file.skipped().size()); // position_ids and logit_scale
    }

    @Test
    void tasks() {
        assertEquals(Optional.of(Task.INPAINTING), ModelInfo.describe(MODELS.resolve("tiny-inpaint")).task());
        assertEquals(Optional.of(Task.DEPTH_TO_IMAGE), ModelInfo.describe(MODELS.resolve("tiny-depth")).task());
        assertEquals("v_prediction",
            ModelInfo.describe(MODELS.resolve("tiny-sd2v")).prediction().orElseThrow().type());
    }

    @TestFactory
    Stream<DynamicTest> kinds() {
        Map<Path, CheckpointKind> kinds = Map.ofEntries(
            Map.entry(MODELS.resolve("tiny-sd1.ckpt"), CheckpointKind.MODEL),
            Map.entry(MODELS.resolve("tiny-controlnet"), CheckpointKind.CONTROLNET),
            Map.entry(MODELS.resolve("tiny-sd1/vae"), CheckpointKind.VAE),
            Map.entry(MODELS.resolve("tiny-sd1/text_encoder"), CheckpointKind.TEXT_ENCODER),
            Map.entry(MODELS.resolve("tiny-taesd"), CheckpointKind.TINY_VAE),
            Map.entry(MODELS.resolve("tiny-taesd/original_taesd_decoder.safetensors"), CheckpointKind.TINY_VAE),
            Map.entry(MODELS.resolve("tiny-dpt-hybrid"), CheckpointKind.DEPTH_ESTIMATOR),
            Map.entry(MODELS.resolve("tiny-esrgan/x4_old_names.pth"), CheckpointKind.UPSCALER),
            Map.entry(ADAPTERS.resolve("lora_sd1_peft.safetensors"), CheckpointKind.LORA),
            Map.entry(ADAPTERS.resolve("lora_sdxl_kohya.safetensors"), CheckpointKind.LORA),
            Map.entry(ADAPTERS.resolve("hypernetwork_a_old.pt"), CheckpointKind.HYPERNETWORK),
            Map.entry(ADAPTERS.resolve("ti_sd1_diffusers.bin"), CheckpointKind.TEXTUAL_INVERSION));
        return kinds.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey().toString(), () -> {
            ModelInfo info = ModelInfo.describe(e.getKey());
            assertEquals(e.getValue(), info.kind());
            assertTrue(info.parameters() > 0 && info.bytes() >= info.parameters(), info.toString());
        }));
    }

    @Test
    void depthEstimatorAndTinyAutoencoderOfPublishedSizes() {
        JsonConfig published = JsonConfig.read(Path.of(
            "tests/fixtures/layouts/configs/sd20-depth/depth_estimator/config.json"));
        JsonConfig found = SingleFile.of(LayoutTable.checkpoint(LayoutTable.read("midas-dpt-hybrid").originals()))
            .config("depth_estimator");
        for (String key : List.of("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
            "image_size", "patch_size", "fusion_hidden_size")) {
            assertEquals(published.getInt(key), found.getInt(key), key);
        }
        for (String key : List.of("neck_hidden_sizes", "backbone_out_indices", "neck_ignore_stages")) {
            assertEquals(Ints.of(published, key), Ints.of(found, key), key);
        }
        for (String key : List.of("depths", "hidden_sizes", "embedding_size", "num_groups")) {
            assertEquals(Ints.of(published.sub("backbone_config"), key), Ints.of(found.sub("backbone_config"), key),
                key);
        }
        JsonConfig tiny = JsonConfig.read(Path.of("tests/fixtures/layouts/configs/taesd/config.json"));
        JsonConfig taesd = TinyAutoencoder.config(LayoutTable.checkpoint(LayoutTable.read("taesd").diffusers()));
        for (String key : List.of("encoder_block_out_channels", "decoder_block_out_channels", "num_encoder_blocks",
            "num_decoder_blocks", "in_channels", "out_channels", "latent_channels", "latent_magnitude")) {
            assertEquals(Ints.of(tiny, key), Ints.of(taesd, key), key);
        }
    }

    /** Lists compare by value, arrays do not. */
    private record Ints(List<Integer> values) {
        static Ints of(JsonConfig c, String key) {
            return new Ints(Arrays.stream(c.getInts(key)).boxed().toList());
        }
    }

    @Test
    void typesAreCounted() {
        ModelInfo info = ModelInfo.describe(MODELS.resolve("tiny-esrgan/x4.pth"));
        assertEquals(Map.of(DType.F16, info.parameters()), info.parts().get(0).dtypes());
        assertEquals(2 * info.parameters(), info.bytes());
        assertEquals(4, info.parts().get(0).config().orElseThrow().getInt("scale"));
        assertThrows(CheckpointException.class, () -> ModelInfo.describe(MODELS));
        assertThrows(CheckpointException.class, () -> ModelInfo.describe(MODELS.resolve("none")));
    }

    /** Every file of the fixtures that should open does, and says what it is. */
    @Test
    void everyFixtureOpens() throws IOException {
        int opened = 0;
        for (Path root : List.of(MODELS, ADAPTERS)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(f -> f.toString().matches(".*\\.(safetensors|ckpt|pt|pth|bin)"))
                    .toList()) {
                    assertTrue(ModelInfo.describe(file).kind() != CheckpointKind.UNKNOWN, file.toString());
                    opened++;
                }
            }
        }
        assertTrue(opened > 30, "opened " + opened);
    }
}
