package org.daguerre.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.text.TextEncoderConfig;
import org.daguerre.unet.UNetConfig;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.ModelDirectory;

/** Configurations of every component, the index of a model and of a sharded set. */
public final class ConfigTarget {
    private static final Path ORIGIN = Path.of("config.json");
    private static final List<Consumer<JsonConfig>> READERS = List.of(UNetConfig::of, VaeConfig::of, TextEncoderConfig::of,
        ConfigTarget::sampler);

    private static final FuzzFile FILES = new FuzzFile();

    private ConfigTarget() {
    }

    static Stream<byte[]> seeds() {
        return Corpus.of("config").fixtures("models/tiny-sdxl/unet/config.json", "models/tiny-sd1/vae/config.json",
            "models/tiny-sdxl/text_encoder_2/config.json", "models/tiny-sdxl/scheduler/scheduler_config.json",
            "models/tiny-sdxl/model_index.json").with("{\"metadata\":{},\"weight_map\":{\"a\":\"b.safetensors\"}}".getBytes(StandardCharsets.UTF_8))
            .stream();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        for (Consumer<JsonConfig> reader : READERS) {
            expectRefusal(() -> reader.accept(JsonConfig.parse(ORIGIN, new String(data, StandardCharsets.UTF_8))));
        }
        Path file = FILES.write("model_index.json", data);
        expectRefusal(() -> Checkpoints.open(file).close());
        expectRefusal(() -> {
            try (ModelDirectory model = ModelDirectory.open(FILES.folder())) {
                model.family();
                model.components().forEach(c -> expectRefusal(() -> model.config(c)));
                model.components().forEach(c -> expectRefusal(() -> model.weights(c)));
            }
        });
    }

    private static void expectRefusal(Runnable reading) {
        try {
            reading.run();
        } catch (CheckpointException | IllegalArgumentException e) {
            // refused: the other good end
        }
    }

    private static void sampler(JsonConfig json) {
        try {
            SamplerConfig.fromJson(new ObjectMapper().readTree(json.toJson()));
        } catch (JsonProcessingException e) {
            throw new AssertionError("written by Jackson itself", e);
        }
    }
}
