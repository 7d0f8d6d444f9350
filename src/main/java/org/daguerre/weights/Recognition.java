package org.daguerre.weights;

import java.util.Set;
import java.util.regex.Pattern;
import org.daguerre.tensor.Shape;

/** What a file holds, told from names and shapes alone. */
public record Recognition(CheckpointKind kind, Family family) {
    private static final Pattern LORA = Pattern.compile(
        ".*(\\.lora_(down|up|A|B)(\\.\\w+)?\\.weight|[._]lora(_linear_layer)?\\.(down|up)\\.weight"
            + "|\\.(hada_w1_a|lokr_w1|lokr_w1_a|diff|oft_blocks))");
    private static final Pattern HYPERNETWORK = Pattern.compile("\\d+\\.[01]\\.linear.*");

    /** Recognises a checkpoint without reading its data. */
    public static Recognition of(Checkpoint file) {
        return of(file, Components.find(file));
    }

    static Recognition of(Checkpoint file, Components found) {
        if (file.names().stream().anyMatch(n -> LORA.matcher(n).matches())) {
            return new Recognition(CheckpointKind.LORA, LoraFamily.of(file));
        }
        CheckpointKind embedding = embedding(file);
        if (embedding != CheckpointKind.UNKNOWN) {
            return new Recognition(embedding, embeddingFamily(file));
        }
        return ofNetworks(found, file);
    }

    private static CheckpointKind embedding(Checkpoint file) {
        Set<String> names = file.names();
        if (!names.isEmpty() && names.stream().allMatch(n -> HYPERNETWORK.matcher(n).matches())) {
            return CheckpointKind.HYPERNETWORK;
        }
        boolean inversion = names.contains("emb_params") || names.contains("clip_g") && names.contains("clip_l")
            || names.size() == 1 && isEmbedding(file.shape(names.iterator().next()));
        return inversion ? CheckpointKind.TEXTUAL_INVERSION : CheckpointKind.UNKNOWN;
    }

    private static boolean isEmbedding(Shape shape) {
        return shape.rank() == 1 || shape.rank() == 2;
    }

    private static Family embeddingFamily(Checkpoint file) {
        if (file.has("clip_g")) {
            return Family.SDXL;
        }
        String first = file.names().iterator().next();
        Shape shape = file.shape(first);
        int width = HYPERNETWORK.matcher(first).matches() ? hypernetworkContext(file)
            : shape.rank() == 0 ? 0 : shape.dim(-1);
        return width == Family.SD1.contextWidth() || width == Family.SD2.contextWidth()
            ? Family.ofContextWidth(width) : Family.UNKNOWN;
    }

    private static int hypernetworkContext(Checkpoint file) {
        return file.names().stream().mapToInt(n -> n.startsWith("768.") ? 768 : n.startsWith("1024.") ? 1024 : 0)
            .max().orElse(0);
    }

    private static Recognition ofNetworks(Components found, Checkpoint file) {
        if (found.has("unet")) {
            return new Recognition(CheckpointKind.MODEL, found.family());
        }
        if (found.has("controlnet")) {
            return new Recognition(CheckpointKind.CONTROLNET, found.family());
        }
        if (found.has("vae")) {
            return new Recognition(CheckpointKind.VAE, Family.UNKNOWN);
        }
        if (TinyAutoencoder.matches(file)) {
            return new Recognition(CheckpointKind.TINY_VAE, Family.UNKNOWN);
        }
        if (found.has("text_encoder") || found.has("text_encoder_2")) {
            return new Recognition(CheckpointKind.TEXT_ENCODER, found.family());
        }
        if (found.has("depth_estimator")) {
            return new Recognition(CheckpointKind.DEPTH_ESTIMATOR, Family.UNKNOWN);
        }
        return new Recognition(found.has("upscaler") ? CheckpointKind.UPSCALER : CheckpointKind.UNKNOWN,
            Family.UNKNOWN);
    }
}
