package org.daguerre.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tensors found in single-file models that inference has no use for. */
final class KnownExtras {
    private static final String SCHEDULE = "schedule of the training, computed anew";
    private static final Map<String, String> REASONS = reasons();

    private KnownExtras() {
    }

    private static Map<String, String> reasons() {
        Map<String, String> map = new LinkedHashMap<>();
        for (String name : List.of("betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod",
            "sqrt_one_minus_alphas_cumprod", "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod",
            "sqrt_recipm1_alphas_cumprod", "posterior_variance", "posterior_log_variance_clipped",
            "posterior_mean_coef1", "posterior_mean_coef2", "lvlb_weights", "logvar", "scale_factor", "denoiser.sigmas",
            "denoiser.weighting", "sigmas", "log_sigmas")) {
            map.put(name, SCHEDULE);
        }
        map.put("model_ema", "EMA copy of the U-Net");
        map.put("v_pred", "marker: predicts v");
        map.put("ztsnr", "marker: zero terminal SNR");
        map.put("edm_vpred", "marker of another noise schedule");
        map.put("loss", "training loss");
        map.put("embedding_manager", "textual inversion of the training");
        map.put("safety_checker", "safety checker, not part of the model");
        map.put("global_step", "progress of the training");
        return map;
    }

    /** Whether a tensor is left over from training; the markers of a noise schedule are not. */
    static boolean isTrainingRemains(String name) {
        return reason(name).filter(r -> !r.startsWith("marker")).isPresent();
    }

    /** Why a tensor is skipped; empty if it is not known to be superfluous. */
    static Optional<String> reason(String name) {
        for (int end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
            String reason = REASONS.get(name.substring(0, end));
            if (reason != null) {
                return Optional.of(reason);
            }
        }
        boolean positions = name.endsWith(".position_ids");
        return positions ? Optional.of("buffer 0..76, implied") : Optional.empty();
    }
}
