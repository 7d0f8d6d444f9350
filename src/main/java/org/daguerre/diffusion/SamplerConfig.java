package org.daguerre.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.diffusion.schedule.Schedule;
import org.daguerre.diffusion.schedule.Schedules;

/**
 * A scheduler's settings by the keys of diffusers' {@code scheduler_config.json}. A key that is absent here takes the
 * default of the sampler's class; see {@link #withDefaults}. Immutable.
 *
 * @param className {@code _class_name}, for example {@code PNDMScheduler}; empty if unknown
 * @param values booleans, numbers, strings and lists of numbers by key
 */
public record SamplerConfig(String className, Map<String, Object> values) {
    /** What every class has unless it says otherwise. */
    private static final Map<String, Object> COMMON = Map.ofEntries(
        Map.entry("num_train_timesteps", 1000), Map.entry("beta_start", 0.0001), Map.entry("beta_end", 0.02),
        Map.entry("beta_schedule", "linear"), Map.entry("prediction_type", "epsilon"),
        Map.entry("timestep_spacing", "linspace"), Map.entry("steps_offset", 0),
        Map.entry("rescale_betas_zero_snr", false), Map.entry("use_karras_sigmas", false),
        Map.entry("use_exponential_sigmas", false), Map.entry("use_beta_sigmas", false),
        Map.entry("use_lu_lambdas", false), Map.entry("final_sigmas_type", "zero"), Map.entry("clip_sample", false),
        Map.entry("clip_sample_range", 1.0), Map.entry("interpolation_type", "linear"),
            Map.entry("thresholding", false));

    public SamplerConfig {
        values = Map.copyOf(values);
    }

    /** What published Stable Diffusion 1, 2 and XL models have in common; for files that carry no configuration. */
    public static SamplerConfig stableDiffusion(Prediction prediction) {
        return new SamplerConfig("PNDMScheduler", Map.of("num_train_timesteps", 1000, "beta_start", 0.00085,
            "beta_end", 0.012, "beta_schedule", "scaled_linear", "steps_offset", 1, "clip_sample", false,
            "set_alpha_to_one", false, "skip_prk_steps", true,
            "prediction_type", prediction == Prediction.V ? "v_prediction" : "epsilon"));
    }

    /** The content of a {@code scheduler_config.json}. Keys that are null there count as absent. */
    public static SamplerConfig fromJson(JsonNode json) {
        Map<String, Object> values = new HashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = json.fields(); fields.hasNext();) {
            Map.Entry<String, JsonNode> field = fields.next();
            Object value = plain(field.getValue());
            if (value != null) {
                values.put(field.getKey(), value);
            }
        }
        Object name = values.remove("_class_name");
        return new SamplerConfig(name instanceof String s ? s : "", values);
    }

    private static Object plain(JsonNode node) {
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isNumber()) {
            return node.numberValue();
        }
        if (node.isTextual()) {
            return node.textValue();
        }
        if (node.isArray() && !node.isEmpty() && node.get(0).isNumber()) {
            List<Double> list = new ArrayList<>();
            node.forEach(e -> list.add(e.doubleValue()));
            return list;
        }
        return null;
    }

    /** This configuration with one key set. */
    public SamplerConfig with(String key, Object value) {
        return withAll(Map.of(key, value));
    }

    /** This configuration with the given keys set. */
    public SamplerConfig withAll(Map<String, Object> changes) {
        Map<String, Object> merged = new HashMap<>(values);
        merged.putAll(changes);
        return new SamplerConfig(className, merged);
    }

    /** These values over the defaults of class {@code name}. */
    public SamplerConfig withDefaults(String name, Map<String, Object> classDefaults) {
        Map<String, Object> merged = new HashMap<>(COMMON);
        merged.putAll(classDefaults);
        merged.putAll(values);
        return new SamplerConfig(name, merged);
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** A boolean; absent is false. */
    public boolean flag(String key) {
        return values.containsKey(key) && value(key, Boolean.class);
    }

    public double number(String key) {
        Object v = values.get(key);
        // Python's JSON writes -Infinity; some files hold it as a string.
        return v instanceof String s ? Double.parseDouble(s.replace("inf", "Infinity"))
            : value(key, Number.class).doubleValue();
    }

    public int integer(String key) {
        return value(key, Number.class).intValue();
    }

    public String text(String key) {
        return value(key, String.class);
    }

    public float[] floats(String key) {
        List<?> list = value(key, List.class);
        float[] out = new float[list.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = ((Number) list.get(i)).floatValue();
        }
        return out;
    }

    private <T> T value(String key, Class<T> type) {
        Object v = values.get(key);
        if (!type.isInstance(v)) {
            throw new IllegalArgumentException("scheduler configuration " + className + ", key " + key + ": expected a "
                + type.getSimpleName() + ", found " + v);
        }
        return type.cast(v);
    }

    public Prediction prediction() {
        return Prediction.of(text("prediction_type"));
    }

    public Spacing spacing() {
        return Spacing.of(text("timestep_spacing"));
    }

    /** The timesteps of {@link Spacing#timesteps} under this configuration. */
    public double[] timesteps(int steps, int count) {
        return spacing().timesteps(steps, count, integer("steps_offset"));
    }

    /**
     * The sigma schedule: key {@code schedule} (our own) or one of diffusers' {@code use_*_sigmas}; empty for the
     * spacing.
     */
    public Optional<Schedule> schedule() {
        if (has("schedule")) {
            return text("schedule").equals("normal") ? Optional.empty() : Optional.of(Schedules.find(text("schedule")));
        }
        String flag = flag("use_karras_sigmas") ? "karras" : flag("use_exponential_sigmas") ? "exponential"
            : flag("use_beta_sigmas") ? "beta" : flag("use_lu_lambdas") ? "lu" : "";
        return flag.isEmpty() ? Optional.empty() : Optional.of(Schedules.find(flag));
    }
}
