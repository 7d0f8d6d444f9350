package org.daguerre.diffusion.sampler;

import java.util.Arrays;
import java.util.Optional;
import org.daguerre.diffusion.NoiseLevels;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Spacing;
import org.daguerre.diffusion.schedule.Normal;
import org.daguerre.diffusion.schedule.Schedule;

/** The step layouts that several samplers share. */
final class Grids {
    private Grids() {}

    /** Whole training timesteps, latents as trained: DDIM and relatives. These methods know no sigmas. */
    static Plan trained(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        if (config.has("schedule")) {
            throw new IllegalArgumentException("schedule: " + scheme.className()
                + " steps over the training timesteps and takes a spacing only, found \"" + config.text("schedule")
                    + "\"");
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
        return new Plan(scheme, config, levels, true, steps, scaledTimesteps(config, levels, steps, sigmas),
            end(sigmas, last));
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

    /**
     * k-diffusion: the schedule over the trained noise levels, timesteps from log-sigma interpolation. With
     * "discard_next_to_last_sigma", as A1111 does for some samplers, one level more is made and the last but one left
     * out.
     */
    static Plan kDiffusion(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        // Only a schedule that the user named: diffusers' use_karras_sigmas and the like mean nothing here.
        boolean named = config.has("schedule") && config.schedule().isPresent();
        boolean discard = config.flag("discard_next_to_last_sigma");
        double[] sigmas = (named ? config.schedule().get() : new Normal())
            .sigmas(discard ? steps + 1 : steps, levels, levels.minSigma(), levels.maxSigma());
        sigmas = discard ? Arrays.copyOf(sigmas, sigmas.length - 1) : sigmas;
        double[] t = Arrays.stream(sigmas).map(levels::timestep).toArray();
        return new Plan(scheme, config, levels, true, steps, t, end(sigmas, 0));
    }

    /**
     * Whole timesteps, latents as trained, sigmas as coordinate: DPM-Solver, UniPC, DEIS. A schedule spans all trained
     * levels, and its timesteps become whole: the classes round those of Karras and Lu and cut off those of the others.
     */
    static Plan multistep(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        double[] t = config.spacing().timestepsBeforeEnd(steps, levels.count(), unclipped(config, levels),
            config.integer("steps_offset"));
        return exponential(scheme, config, levels, steps, t);
    }

    /** As {@link #multistep}, always spread evenly: the single-step class knows no spacing. */
    static Plan singlestep(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        double[] t = Spacing.LINSPACE.timestepsBeforeEnd(steps, levels.count(), unclipped(config, levels), 0);
        return exponential(scheme, config, levels, steps, t);
    }

    private static Plan exponential(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps,
        double[] spaced) {
        double[] t = spaced;
        double[] sigmas = Arrays.stream(t).map(levels::sigmaLinear).toArray();
        if (config.schedule().isPresent()) {
            sigmas = config.schedule().get().sigmas(steps, levels, levels.minSigma(), levels.maxSigma());
            boolean cut = config.flag("use_exponential_sigmas") || config.flag("use_beta_sigmas");
            t = Arrays.stream(sigmas).map(levels::timestep).map(s -> cut ? Math.floor(s) : Math.rint(s)).toArray();
        }
        double last = config.text("final_sigmas_type").equals("zero") ? 0 : levels.minSigma();
        return new Plan(scheme, config, levels, false, steps, t, end(sigmas, last));
    }

    /**
     * The number of timesteps with lambda = -log(sigma) above "lambda_min_clipped": cosine schedules clip the noisiest.
     */
    private static int unclipped(SamplerConfig config, NoiseLevels levels) {
        double least = config.has("lambda_min_clipped") ? config.number("lambda_min_clipped")
            : Double.NEGATIVE_INFINITY;
        int count = levels.count();
        while (count > 1 && -Math.log(levels.sigma(count - 1)) < least) {
            count--;
        }
        return count;
    }

    /** Timesteps picked evenly from those a few-step model was distilled on: LCM, TCD. */
    static Plan distilled(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        int original = config.integer("original_inference_steps");
        if (steps > original) {
            throw new IllegalArgumentException("steps: " + scheme.className()
                + " expects at most original_inference_steps = "
                + original + ", found " + steps);
        }
        int stride = levels.count() / original;
        double[] t = new double[steps];
        for (int i = 0; i < steps; i++) {
            int place = (int) Math.floor(i * (original / (double) steps));
            t[i] = (original - place) * stride - 1;
        }
        return new Plan(scheme, config, levels, false, steps, t, new double[0]);
    }

    /** a, b, b, c, c, ...: methods that call the network twice per step but for the last. */
    static double[] twice(double[] values) {
        double[] out = new double[2 * values.length - 1];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[(i + 1) / 2];
        }
        return out;
    }

    /** {@code sigmas} and the level after the last step. */
    static double[] end(double[] sigmas, double last) {
        double[] all = Arrays.copyOf(sigmas, sigmas.length + 1);
        all[sigmas.length] = last;
        return all;
    }
}
