package org.daguerre.adapter.lora;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.daguerre.weights.JsonConfig;

/**
 * The scale of LoRAs without alpha tensors: diffusers may keep PEFT's configuration in the metadata of the file, one
 * set of keys per network ({@code unet.lora_alpha}, ...). Without it alpha equals the rank, so the scale is 1.
 */
record RankScale(JsonConfig metadata) {
    private static final String KEY = "lora_adapter_metadata";

    static RankScale of(Path file, Map<String, String> metadata) {
        return new RankScale(metadata.containsKey(KEY) ? JsonConfig.parse(file, metadata.get(KEY)) : null);
    }

    double of(String stem, int rank) {
        String network = List.of("text_encoder_2.", "text_encoder.").stream().filter(stem::startsWith).findFirst()
            .orElse("unet.");
        if (metadata == null || !metadata.has(network + "lora_alpha")) {
            return 1;
        }
        double alpha = metadata.getDouble(network + "lora_alpha");
        if (metadata.has(network + "alpha_pattern")) {
            JsonConfig pattern = metadata.sub(network + "alpha_pattern");
            for (String module : pattern.keys()) {
                alpha = ("." + stem).endsWith("." + module) ? pattern.getDouble(module) : alpha;
            }
        }
        return metadata.getBoolean(network + "use_rslora", false) ? alpha / Math.sqrt(rank) : alpha / rank;
    }
}
