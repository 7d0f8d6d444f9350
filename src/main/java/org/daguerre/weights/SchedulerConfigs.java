package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The scheduler configuration that is published with a family; single files have none. */
final class SchedulerConfigs {
    private SchedulerConfigs() {
    }

    static ObjectNode of(Family family, Prediction prediction) {
        ObjectNode c = Json.newObject();
        c.put("_class_name", family.isXl() ? "EulerDiscreteScheduler" : "PNDMScheduler");
        c.put("beta_start", 0.00085);
        c.put("beta_end", 0.012);
        c.put("beta_schedule", "scaled_linear");
        c.put("num_train_timesteps", 1000);
        c.put("clip_sample", false);
        c.put("set_alpha_to_one", false);
        c.put("skip_prk_steps", true);
        c.put("steps_offset", 1);
        c.put("prediction_type", prediction.type());
        if (family.isXl()) {
            c.put("timestep_spacing", "leading");
            c.put("interpolation_type", "linear");
            c.put("use_karras_sigmas", false);
        }
        if (prediction.zeroTerminalSnr()) {
            c.put("rescale_betas_zero_snr", true);
            c.put("timestep_spacing", "trailing");
        }
        return c;
    }
}
