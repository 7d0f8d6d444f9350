package org.daguerre.diffusion;

import java.util.Arrays;
import java.util.Optional;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Everything about a run that is known before its first step: which steps, at which noise levels. Immutable; the
 * methods that narrow the range return a new plan. A "step" is what the sampler's dialect calls one: in diffusers each
 * call of the network, so second-order methods have almost two per requested step; in k-diffusion a whole step.
 */
public final class Plan {
    private final Scheme scheme;
    private final SamplerConfig config;
    private final NoiseLevels levels;
    private final double[] timesteps;
    private final double[] sigmas;
    private final boolean scaled;
    private final int requested;
    private final int first;
    private final int end;

    /**
     * @param scaled whether latents are held as x0 + sigma eps (Euler and relatives), not as alpha x0 + sigma' eps
     * @param timesteps of each step's (first) network call
     * @param sigmas noise level of each step, then the level after the last one; empty where the class has none
     */
    public Plan(Scheme scheme, SamplerConfig config, NoiseLevels levels, boolean scaled, int requested,
                double[] timesteps, double[] sigmas) {
        this(scheme, config, levels, scaled, requested, timesteps, sigmas, 0, timesteps.length);
    }

    private Plan(Scheme scheme, SamplerConfig config, NoiseLevels levels, boolean scaled, int requested,
                 double[] timesteps, double[] sigmas, int first, int end) {
        this.scheme = scheme;
        this.config = config;
        this.levels = levels;
        this.scaled = scaled;
        this.requested = requested;
        this.timesteps = timesteps;
        this.sigmas = sigmas;
        this.first = first;
        this.end = end;
    }

    private Plan range(int newFirst, int newEnd) {
        return new Plan(scheme, config, levels, scaled, requested, timesteps, sigmas, newFirst, newEnd);
    }

    public Scheme scheme() {
        return scheme;
    }

    /** The settings in force, class defaults included. */
    public SamplerConfig config() {
        return config;
    }

    public NoiseLevels levels() {
        return levels;
    }

    /** The steps the user asked for; {@link #count} may differ. */
    public int requestedSteps() {
        return requested;
    }

    /** Index of the first step to run. */
    public int first() {
        return first;
    }

    /** One past the index of the last step to run. */
    public int end() {
        return end;
    }

    /** Number of steps to run. */
    public int count() {
        return end - first;
    }

    /** Number of steps of the whole schedule, from pure noise to the clean picture. */
    public int length() {
        return timesteps.length;
    }

    /** Timestep of step {@code i}, counted over the whole schedule. */
    public double timestep(int i) {
        return timesteps[i];
    }

    /** The timesteps of the steps to run. */
    public double[] timesteps() {
        return Arrays.copyOfRange(timesteps, first, end);
    }

    /**
     * All noise levels, as the dialect lists them: one per step and the final one. Empty for classes that have none.
     */
    public double[] sigmas() {
        return sigmas.clone();
    }

    /** Noise level before step {@code i} (after the last one for {@code i == length()}), per unit of signal. */
    public double sigma(int i) {
        if (sigmas.length > 0) {
            return sigmas[i];
        }
        return i == timesteps.length ? 0 : ratio(levels.signal((int) timesteps[i]));
    }

    private static double ratio(double signal) {
        return Math.sqrt((1 - signal) / signal);
    }

    /** Signal share of x at noise level {@code sigma}: 1 / sqrt(1 + sigma^2), 0 at infinity. */
    public static double alpha(double sigma) {
        return 1 / Math.sqrt(1 + sigma * sigma);
    }

    /** Noise share of x at noise level {@code sigma}: sigma / sqrt(1 + sigma^2), 1 at infinity. */
    public static double beta(double sigma) {
        return Double.isInfinite(sigma) ? 1 : sigma / Math.sqrt(1 + sigma * sigma);
    }

    /** Whether latents are held as x0 + sigma eps and scaled by 1 / sqrt(sigma^2 + 1) for the network. */
    public boolean scaled() {
        return scaled;
    }

    /**
     * Standard deviation of the first latents: they are this times unit noise ("init_noise_sigma"). Data of unit
     * variance under the noise is accounted for by leading spacing in diffusers, and in k-diffusion by the setting
     * "max_denoise", as ComfyUI has it.
     */
    public double initNoiseScale() {
        if (!scaled) {
            return 1;
        }
        double max = Arrays.stream(sigmas).max().orElse(1);
        boolean data = scheme.kDiffusion() ? config.flag("max_denoise") : config.spacing() == Spacing.LEADING;
        return data ? Math.sqrt(max * max + 1) : max;
    }

    /** The first latents of a picture from noise alone. */
    public Tensor start(Ops ops, Tensor unitNoise) {
        return Mix.zero().plus(initNoiseScale(), unitNoise).eval(ops);
    }

    /** Clean latents with noise as before step {@code i}; clean ones after the last step of the schedule. */
    public Tensor addNoise(Ops ops, Tensor clean, Tensor unitNoise, int i) {
        double s = sigma(i);
        return scaled ? Mix.of(clean).plus(s, unitNoise).eval(ops)
            : Mix.zero().plus(alpha(s), clean).plus(beta(s), unitNoise).eval(ops);
    }

    /** The first latents of a picture made from {@code clean} latents, for a plan narrowed by {@link #fromStrength}. */
    public Tensor start(Ops ops, Tensor clean, Tensor unitNoise) {
        return addNoise(ops, clean, unitNoise, first);
    }

    /**
     * The end of this schedule that image-to-image runs. diffusers: the last int(steps * strength) requested steps, all
     * at 1. k-diffusion: as A1111, one step more, and never all.
     *
     * @throws IllegalArgumentException if strength is outside 0..1 or leaves no step
     */
    public Plan fromStrength(double strength) {
        if (!(strength >= 0 && strength <= 1)) {
            throw new IllegalArgumentException("strength: expected a number within 0..1, found " + strength);
        }
        int from;
        if (scheme.kDiffusion()) {
            from = Math.max(length() - (int) (Math.min(strength, 0.999) * length()) - 1, 0);
        } else {
            int run = Math.min((int) (requested * strength), requested);
            from = Math.min((requested - run) * scheme.callsPerStep(), length());
        }
        if (from >= length()) {
            throw new IllegalArgumentException("strength " + strength + " with " + requested
                + " steps leaves no step to run: expected at least " + 1.0 / requested);
        }
        return range(from, length());
    }

    /**
     * The steps before fraction {@code x} of the training timesteps is denoised: a base model's part before a refiner.
     */
    public Plan until(double x) {
        double cutoff = cutoff(x, "denoising end");
        int run = (int) Arrays.stream(timesteps, first, end).filter(t -> t >= cutoff).count();
        return range(first, notEmpty(first, first + run, x)[1]);
    }

    /** The steps from fraction {@code x} of the training timesteps on: a refiner's part. */
    public Plan from(double x) {
        double cutoff = cutoff(x, "denoising start");
        int run = (int) Arrays.stream(timesteps, first, end).filter(t -> t < cutoff).count();
        if (scheme.callsPerStep() == 2 && run % 2 == 0) {
            run++; // begin with the first call of a step
        }
        return range(notEmpty(end - run, end, x)[0], end);
    }

    private double cutoff(double x, String what) {
        if (!(x > 0 && x < 1)) {
            throw new IllegalArgumentException(what + ": expected a number between 0 and 1, found " + x);
        }
        return Math.rint(levels.count() - x * levels.count());
    }

    private int[] notEmpty(int from, int to, double x) {
        if (from < 0 || from >= to) {
            throw new IllegalArgumentException("denoising fraction " + x + " with " + requested
                + " steps leaves no step to run");
        }
        return new int[] {from, to};
    }

    /** The latents clipped to a range, where the configuration demands it; empty for all published latent models. */
    public Optional<Double> clip() {
        return config.flag("clip_sample") ? Optional.of(config.number("clip_sample_range")) : Optional.empty();
    }
}
