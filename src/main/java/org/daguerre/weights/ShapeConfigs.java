package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Component configurations in the diffusers format, worked out from the shapes of the weights. What shapes do not show
 * (norm groups, number of heads, activation) is what all published models have; other sizes are refused.
 */
final class ShapeConfigs {
    private ShapeConfigs() {
    }

    /** @throws CheckpointException if the sizes are not those of a published model */
    static ObjectNode of(String component, Checkpoint weights, Family family, Prediction prediction) {
        return switch (component) {
            case "unet" -> new UNetShapes(weights).unet(family, prediction);
            case "controlnet" -> new UNetShapes(weights).controlNet();
            case "vae" -> VaeShapes.config(weights, family);
            case "text_encoder", "text_encoder_2" -> TextShapes.config(weights, component.endsWith("_2"));
            case "depth_estimator" -> DptShapes.config(weights);
            case "upscaler" -> UpscalerShapes.config(weights);
            default -> throw CheckpointException.of(weights.source(),
                "a component whose configuration can be told from "
                + "its weights", component);
        };
    }

    static CheckpointException unknownSize(Checkpoint weights, String expected, String found) {
        return CheckpointException.of(weights.source(), expected + " as in the published models (give the component "
            + "configurations to use other sizes)", found);
    }
}
