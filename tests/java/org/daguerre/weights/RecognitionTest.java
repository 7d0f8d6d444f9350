package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.dialect.LayoutTable;
import org.daguerre.weights.dialect.ShapesOnly;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The published models, known by nothing but the names and shapes of their single files. */
class RecognitionTest {
    private static final Path CONFIGS = Path.of("tests/fixtures/layouts/configs");

    /** A model: its tables, its published configurations, what must be recognised. */
    private record Model(Family family, String configs, List<String> tables, Map<String, String> metadata) {
        SingleFile file() {
            Map<String, Shape> all = new LinkedHashMap<>();
            tables.forEach(t -> all.putAll(LayoutTable.read(t).originals()));
            return SingleFile.of(new ShapesOnly(all, DType.F16, metadata));
        }
    }

    private static final Map<String, String> SD2_BASE = Map.of("modelspec.resolution", "512x512");

    private static List<Model> models() {
        return List.of(
            new Model(Family.SD1, "sd15", List.of("sd15-unet", "sd15-vae", "sd15-text_encoder"), Map.of()),
            new Model(Family.SD1, "sd15-inpaint", List.of("sd15-inpaint-unet", "sd15-vae", "sd15-text_encoder"),
                Map.of()),
            new Model(Family.SD2, "sd21-768-v", List.of("sd21-unet", "sd21-vae", "sd21-text_encoder"), Map.of()),
            new Model(Family.SD2, "sd21-base-512", List.of("sd21-unet", "sd21-vae", "sd21-text_encoder"), SD2_BASE),
            new Model(Family.SD2, "sd20-inpaint", List.of("sd20-inpaint-unet", "sd21-vae", "sd21-text_encoder"),
                Map.of()),
            new Model(Family.SD2, "sd20-depth", List.of("sd20-depth-unet", "sd21-vae", "sd21-text_encoder",
                "midas-dpt-hybrid"), Map.of()),
            new Model(Family.SDXL, "sdxl-base", List.of("sdxl-base-unet", "sdxl-base-vae", "sdxl-base-text_encoder",
                "sdxl-base-text_encoder_2"), Map.of()),
            new Model(Family.SDXL_REFINER, "sdxl-refiner", List.of("sdxl-refiner-unet", "sdxl-refiner-vae",
                "sdxl-refiner-text_encoder_2"), Map.of()));
    }

    @TestFactory
    Stream<DynamicTest> families() {
        return models().stream().map(m -> DynamicTest.dynamicTest(m.configs(), () -> {
            SingleFile file = m.file();
            assertEquals(new Recognition(CheckpointKind.MODEL, m.family()), file.recognition());
            assertEquals(List.of(), List.copyOf(file.unknown()));
            assertEquals(m.tables().size(), file.components().size());
        }));
    }

    @TestFactory
    Stream<DynamicTest> unetConfigurations() {
        return models().stream().map(m -> DynamicTest.dynamicTest(m.configs(), () -> {
            JsonConfig published = JsonConfig.read(CONFIGS.resolve(m.configs()).resolve("unet/config.json"));
            assertSameUNet(published, m.file().config("unet"));
        }));
    }

    private static void assertSameUNet(JsonConfig published, JsonConfig found) {
        for (String key : List.of("in_channels", "out_channels", "layers_per_block", "cross_attention_dim",
            "norm_num_groups", "freq_shift", "addition_time_embed_dim", "projection_class_embeddings_input_dim")) {
            assertEquals(published.getInt(key, -1), found.getInt(key, -1), key);
        }
        for (String key : List.of("block_out_channels", "conditioning_embedding_out_channels")) {
            assertEquals(Arrays.toString(published.getInts(key, 0)), Arrays.toString(found.getInts(key, 0)), key);
        }
        int levels = found.getInts("block_out_channels").length;
        assertEquals(perLevel(published, "attention_head_dim", levels), perLevel(found, "attention_head_dim", levels));
        assertEquals(perLevel(published, "transformer_layers_per_block", levels),
            perLevel(found, "transformer_layers_per_block", levels));
        for (String key : List.of("down_block_types", "up_block_types")) {
            assertEquals(published.getStrings(key, List.of()), found.getStrings(key, List.of()), key);
        }
        for (String key : List.of("use_linear_projection", "upcast_attention", "flip_sin_to_cos")) {
            assertEquals(published.getBoolean(key, false), found.getBoolean(key, false), key);
        }
        assertEquals(published.getString("addition_embed_type", ""), found.getString("addition_embed_type", ""));
        assertEquals(published.getDouble("norm_eps", 0), found.getDouble("norm_eps"));
        assertEquals(published.getInt("sample_size", 0), found.getInt("sample_size", 0));
    }

    /** A single number counts for every level. */
    private static List<Integer> perLevel(JsonConfig config, String key, int levels) {
        int[] values = config.getInts(key, 1);
        return Stream.iterate(0, i -> i < levels, i -> i + 1).map(i -> values.length == 1 ? values[0] : values[i])
            .toList();
    }

    @TestFactory
    Stream<DynamicTest> vaeConfigurations() {
        return models().stream().map(m -> DynamicTest.dynamicTest(m.configs(), () -> {
            Path file = CONFIGS.resolve(m.configs()).resolve("vae/config.json");
            JsonConfig published = JsonConfig.read(file);
            JsonConfig found = m.file().config("vae");
            for (String key : List.of("in_channels", "out_channels", "latent_channels", "layers_per_block",
                "norm_num_groups")) {
                assertEquals(published.getInt(key), found.getInt(key), key);
            }
            assertEquals(Arrays.toString(published.getInts("block_out_channels")),
                Arrays.toString(found.getInts("block_out_channels")));
            assertEquals(published.getDouble("scaling_factor", 0.18215), found.getDouble("scaling_factor"));
            assertEquals(published.getBoolean("force_upcast", false), found.getBoolean("force_upcast"));
            assertTrue(found.getBoolean("use_quant_conv") && found.getBoolean("use_post_quant_conv"));
        }));
    }

    @TestFactory
    Stream<DynamicTest> textEncoderConfigurations() {
        return models().stream().flatMap(m -> Stream.of("text_encoder", "text_encoder_2")
            .filter(c -> m.file().has(c))
            .map(c -> DynamicTest.dynamicTest(m.configs() + " " + c, () -> {
                JsonConfig published = JsonConfig.read(CONFIGS.resolve(m.configs()).resolve(c).resolve("config.json"));
                JsonConfig found = m.file().config(c);
                for (String key : List.of("hidden_size", "intermediate_size", "max_position_embeddings",
                    "num_attention_heads", "num_hidden_layers", "projection_dim", "vocab_size", "eos_token_id")) {
                    assertEquals(published.getInt(key), found.getInt(key), key);
                }
                assertEquals(published.getString("hidden_act"), found.getString("hidden_act"));
                assertEquals(published.getStrings("architectures"), found.getStrings("architectures"));
                assertEquals(published.getDouble("layer_norm_eps"), found.getDouble("layer_norm_eps"));
            })));
    }

    @TestFactory
    Stream<DynamicTest> schedulerConfigurations() {
        return models().stream().map(m -> DynamicTest.dynamicTest(m.configs(), () -> {
            JsonConfig published =
                JsonConfig.read(CONFIGS.resolve(m.configs()).resolve("scheduler/scheduler_config.json"));
            JsonConfig found = m.file().config("scheduler");
            assertEquals(published.getString("prediction_type", "epsilon"), found.getString("prediction_type"));
            assertEquals(published.getString("timestep_spacing", ""), found.getString("timestep_spacing", ""));
            assertEquals(published.getString("beta_schedule"), found.getString("beta_schedule"));
            assertEquals(published.getDouble("beta_start"), found.getDouble("beta_start"));
            assertEquals(published.getDouble("beta_end"), found.getDouble("beta_end"));
            assertEquals(published.getInt("steps_offset"), found.getInt("steps_offset"));
            assertEquals(published.getBoolean("set_alpha_to_one"), found.getBoolean("set_alpha_to_one"));
        }));
    }

    @Test
    void controlNets() {
        for (String name : List.of("sd15", "sdxl")) {
            SingleFile file = SingleFile.of(LayoutTable.checkpoint(LayoutTable.read("controlnet-" + name).originals()));
            Family family = name.equals("sd15") ? Family.SD1 : Family.SDXL;
            assertEquals(new Recognition(CheckpointKind.CONTROLNET, family), file.recognition());
            assertSameUNet(JsonConfig.read(CONFIGS.resolve("controlnet-canny-" + name).resolve("config.json")),
                file.config("controlnet"));
        }
    }

    /** Files of one network, with the prefix removed or under diffusers names. */
    @Test
    void controlNetNames() {
        LayoutTable table = LayoutTable.read("controlnet-sd15");
        Map<String, Shape> bare = new LinkedHashMap<>();
        table.originals().forEach((n, s) -> bare.put(n.substring("control_model.".length()), s));
        for (Map<String, Shape> names : List.of(bare, table.diffusers())) {
            SingleFile file = SingleFile.of(LayoutTable.checkpoint(names));
            assertEquals(CheckpointKind.CONTROLNET, file.recognition().kind());
            assertEquals(table.diffusers().keySet(), file.weights("controlnet").names());
            assertEquals(List.of(), List.copyOf(file.unknown()));
        }
    }

    @Test
    void markersDecideThePrediction() {
        Map<String, Shape> xl = new LinkedHashMap<>(LayoutTable.read("sdxl-base-unet").originals());
        xl.put("conditioner.embedders.1.model.ln_final.weight", Shape.of(1280));
        assertEquals("epsilon", SingleFile.of(LayoutTable.checkpoint(xl)).prediction().type());
        xl.put("v_pred", Shape.of(0));
        Prediction v = SingleFile.of(LayoutTable.checkpoint(xl)).prediction();
        assertEquals(List.of("v_prediction", true, false), List.of(v.type(), v.certain(), v.zeroTerminalSnr()));
        xl.put("ztsnr", Shape.of(0));
        SingleFile file = SingleFile.of(LayoutTable.checkpoint(xl));
        assertTrue(file.prediction().zeroTerminalSnr());
        assertTrue(file.config("scheduler").getBoolean("rescale_betas_zero_snr"));
        assertTrue(file.skipped().containsKey("v_pred"));
    }

    @Test
    void predictionOfPlainSd2IsAGuess() {
        SingleFile file = SingleFile.of(LayoutTable.checkpoint(LayoutTable.read("sd21-unet").originals()));
        assertEquals("v_prediction", file.prediction().type());
        assertFalse(file.prediction().certain());
    }

    @Test
    void adapters() {
        Path folder = Path.of("tests/fixtures/adapters");
        Map.of("lora_sd1_kohya.safetensors", CheckpointKind.LORA, "lora_sdxl_peft.safetensors", CheckpointKind.LORA,
            "ti_sd1_emb_params.safetensors", CheckpointKind.TEXTUAL_INVERSION,
            "ti_sdxl.safetensors", CheckpointKind.TEXTUAL_INVERSION,
            "ti_sd1_diffusers_1vec.safetensors", CheckpointKind.TEXTUAL_INVERSION).forEach((name, kind) -> {
                try (Checkpoint c = Checkpoints.open(folder.resolve(name))) {
                    assertEquals(kind, Recognition.of(c).kind(), name);
                }
            });
    }

    @Test
    void lorasOfPublishedWidths() {
        Map.of(768, Family.SD1, 1024, Family.SD2, 2048, Family.SDXL).forEach((width, family) -> {
            String key = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k";
            Map<String, Shape> lora = Map.of(key + ".lora_down.weight", Shape.of(4, width),
                key + ".lora_up.weight", Shape.of(640, 4));
            assertEquals(new Recognition(CheckpointKind.LORA, family), Recognition.of(LayoutTable.checkpoint(lora)));
        });
        Map<String, Shape> second = Map.of("lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight",
            Shape.of(4, 1280));
        assertEquals(Family.SDXL, Recognition.of(LayoutTable.checkpoint(second)).family());
    }

    @Test
    void otherSizesAreRefused() {
        Map<String, Shape> tiny = new LinkedHashMap<>(LayoutTable.read("sd15-unet").originals());
        tiny.replaceAll((n, s) -> n.endsWith("attn2.to_k.weight") ? Shape.of(s.dim(0), 64) : s);
        SingleFile file = SingleFile.of(LayoutTable.checkpoint(tiny));
        CheckpointException e = assertThrows(CheckpointException.class,
            () -> file.config("unet"));
        assertTrue(e.getMessage().contains("64"), e.getMessage());
    }
}
