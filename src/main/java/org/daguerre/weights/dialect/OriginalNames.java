package org.daguerre.weights.dialect;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;

/** The networks of a diffusers folder under the names that they have in a single file. */
public final class OriginalNames {
    /** Networks that a single file can hold, in the usual order. */
    public static final List<String> COMPONENTS =
        List.of("unet", "vae", "text_encoder", "text_encoder_2", "depth_estimator");

    private static final Map<String, String> PREFIXES = Map.of("unet", "model.diffusion_model.",
        "vae", "first_stage_model.", "depth_estimator", "depth_model.model.");

    private OriginalNames() {
    }

    /**
     * @param family {@code SD1, SD2, SDXL} or {@code SDXL_REFINER}; decides the names of the text encoders
     * @throws CheckpointException if a tensor has no original name
     */
    public static MappedCheckpoint view(String component, String family, Checkpoint weights) {
        Set<String> names = weights.names();
        MappedCheckpoint view = switch (component) {
            case "unet" -> UNetNames.table(UNetLayout.ofDiffusers(names))
                .originalView(weights, PREFIXES.get(component));
            case "vae" -> VaeNames.ofDiffusers(names).originalView(weights, PREFIXES.get(component));
            case "depth_estimator" -> DptNames.ofTransformers(names).originalView(weights, PREFIXES.get(component));
            case "text_encoder" -> textEncoder(family, weights);
            case "text_encoder_2" -> TextNames.openClip(TextNames.layers(names), true).originalView(weights,
                "conditioner.embedders." + (family.equals("SDXL_REFINER") ? 0 : 1) + ".model.");
            default -> throw CheckpointException.of(weights.source(), "one of " + COMPONENTS, component);
        };
        if (!view.unknown().isEmpty()) {
            throw CheckpointException.of(weights.source(), "tensors of a " + component, view.unknown().size()
                + " others, such as " + view.unknown().iterator().next());
        }
        return view;
    }

    private static MappedCheckpoint textEncoder(String family, Checkpoint weights) {
        return switch (family) {
            case "SD2" -> TextNames.openClip(TextNames.layers(weights.names()), false)
                .originalView(weights, "cond_stage_model.model.");
            case "SDXL" -> TextNames.transformers().originalView(weights, "conditioner.embedders.0.transformer.");
            default -> TextNames.transformers().originalView(weights, "cond_stage_model.transformer.");
        };
    }
}
