package org.daguerre.diffusion;

import java.util.Map;
import java.util.function.Function;

/**
 * A sampling method: how it lays out its steps and how it takes one. Each sampler's file defines one.
 *
 * @param className the diffusers class, or for k-diffusion the function's name with the prefix {@code k_}
 * @param callsPerStep network calls that diffusers lists per requested step ("order"); image-to-image starts at a
 *     multiple of it
 * @param defaults the class's own defaults where they differ from the common ones
 */
public record Scheme(String className, int callsPerStep, Map<String, Object> defaults, Planner planner,
                     Function<Plan, Solver> solver) {

    /** Lays out the steps. */
    @FunctionalInterface
    public interface Planner {
        Plan plan(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps);
    }

    public boolean kDiffusion() {
        return className.startsWith("k_");
    }

    /** @param given settings of the model and the user; class defaults fill the rest */
    public Plan plan(SamplerConfig given, int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps: expected at least 1, found " + steps);
        }
        SamplerConfig config = given.withDefaults(className, defaults);
        if (config.flag("thresholding")) {
            throw new IllegalArgumentException("scheduler configuration: thresholding is for pixel-space models only");
        }
        NoiseLevels levels = NoiseLevels.of(config);
        if (steps > levels.count()) {
            throw new IllegalArgumentException("steps: expected at most the " + levels.count()
                + " training timesteps, found " + steps);
        }
        int highest = (steps - 1) * (levels.count() / steps) + (config.has("steps_offset") ? config.integer("steps_offset") : 0);
        if (!kDiffusion() && config.spacing() == Spacing.LEADING && highest >= levels.count()) {
            throw new IllegalArgumentException("steps: expected fewer than " + steps + ", since leading spacing with this model's offset "
                + "would begin at timestep " + highest + " of 0.." + (levels.count() - 1));
        }
        return planner.plan(this, config, levels, steps);
    }
}
