package org.daguerre.weights;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * What a U-Net was trained to predict. The weights do not show it, so it is taken from marker keys, from the file's
 * metadata, or from the family; {@code reason} says which, and {@code certain} whether the file itself says so.
 *
 * @param type {@code epsilon} or {@code v_prediction}, as in a scheduler configuration
 * @param zeroTerminalSnr whether the schedule was rescaled to end in pure noise (Lin et al. 2023, arXiv:2305.08891)
 */
public record Prediction(String type, boolean zeroTerminalSnr, boolean certain, String reason) {
    private static final String EPSILON = "epsilon";
    private static final String V = "v_prediction";

    static Prediction of(Checkpoint file, Family family, int inputChannels) {
        boolean zeroSnr = file.has("ztsnr") || file.metadata().getOrDefault("ztsnr", "").equals("true");
        if (file.has("v_pred") || zeroSnr) {
            return new Prediction(V, zeroSnr, true, "marker key " + (file.has("v_pred") ? "v_pred" : "ztsnr"));
        }
        Map<String, String> meta = file.metadata();
        String declared = meta.getOrDefault("modelspec.prediction_type", "").toLowerCase(Locale.ROOT);
        if (declared.startsWith("v")) {
            return new Prediction(V, false, true, "modelspec.prediction_type");
        }
        if (declared.startsWith("eps")) {
            return new Prediction(EPSILON, false, true, "modelspec.prediction_type");
        }
        if (family != Family.SD2) {
            return new Prediction(EPSILON, false, true, "default of the family");
        }
        return ofSd2(file.source(), meta.getOrDefault("modelspec.resolution", ""), inputChannels);
    }

    /**
     * The 768 models of SD 2 predict v; the 512 base models, inpainting and depth predict noise. The tensors are the
     * same.
     */
    private static Prediction ofSd2(Path file, String resolution, int inputChannels) {
        if (inputChannels != 4) {
            return new Prediction(EPSILON, false, true, "input of " + inputChannels + " channels");
        }
        if (!resolution.isEmpty()) {
            return new Prediction(resolution.startsWith("512") ? EPSILON : V, false, true, "modelspec.resolution");
        }
        String name = file.getFileName() == null ? "" : file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.contains("512") || name.contains("base")) {
            return new Prediction(EPSILON, false, false, "the file's name; the weights do not show it");
        }
        return new Prediction(V, false, false, "default for SD 2; the weights do not show it");
    }
}
