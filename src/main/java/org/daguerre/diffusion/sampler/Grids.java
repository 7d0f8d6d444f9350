package org.daguerre.diffusion.sampler;

import java.util.Arrays;
import java.util.Optional;
import org.daguerre.diffusion.NoiseLevels;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.schedule.Normal;
import org.daguerre.diffusion.schedule.Schedule;

/** The step layouts that several samplers share. */
final class Grids {
    private Grids() {}

    /** Whole training timesteps, latents as trained: DDIM and relatives. These methods know no sigmas. */
    static Plan trained(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        if (config.has("schedule")) {
            throw new IllegalArgumentException("schedule: " + scheme.className()
                + " steps over the training timesteps and takes a spacing only, found \"" + config.text("schedule") + "\"");
        }
        double[] t = config.timesteps(steps, levels.count());
        for (int i = 0; i < t.length; i++) {
            t[i] = Math.rint(t[i]);
        }
        return new Plan(scheme, config, levels, false, steps, t, new double[0]);
    }

    /** Fractional timesteps, latents x0 + sigma eps: Euler and relatives, one network call per step. */
    static Plan scaled(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        double[] sigmas = scaledSigmas(config, levels, steps);
        double last = config.text("final_sigmas_type").equals("zero") ? 0 : levels.minSigma();
        return new Plan(scheme, config, levels, true, steps, scaledTimesteps(config, levels, steps, sigmas), end(sigmas, last));
    }

    /** Noise levels of the steps, the final one not included. */
    static double[] scaledSigmas(SamplerConfig config, NoiseLevels levels, int steps) {
        boolean log = config.text("interpolation_type").equals("log_linear");
        double[] sigmas = Arrays.stream(config.timesteps(steps, levels.count()))
            .map(t -> log ? levels.sigmaAt(t) : levels.sigmaLinear(t)).toArray();
        Optional<Schedule> schedule = config.schedule();
        return schedule.isEmpty() ? sigmas : schedule.get().sigmas(steps, levels, sigmas[steps - 1], sigmas[0]);
    }

    static double[] scaledTimesteps(SamplerConfig config, NoiseLevels levels, int steps, double[] sigmas) {
        return config.schedule().isEmpty() ? config.timesteps(steps, levels.count())
            : Arrays.stream(sigmas).map(levels::timestep).toArray();
    }

    /** k-diffusion: the schedule over the trained noise levels, timesteps from log-sigma interpolation. */
    static Plan kDiffusion(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        // Only a schedule that the user named: diffusers' use_karras_sigmas and the like mean nothing here.
        boolean named = config.has("schedule") && config.schedule().isPresent();
        double[] sigmas = (named ? config.schedule().get() : new Normal())
            .sigmas(steps, levels, levels.minSigma(), levels.maxSigma());
        double[] t = Arrays.stream(sigmas).map(levels::timestep).toArray();
        return new Plan(scheme, config, levels, true, steps, t, end(sigmas, 0));
    }

    /** {@code sigmas} and the level after the last step. */
    static double[] end(double[] sigmas, double last) {
        double[] all = Arrays.copyOf(sigmas, sigmas.length + 1);
        all[sigmas.length] = last;
        return all;
    }
}
