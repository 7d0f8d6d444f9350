package org.daguerre.diffusion;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** One step as a solver sees it: its place, the network, and the random numbers. */
public final class Step {
    private final Plan plan;
    private final int index;
    private final Ops ops;
    private final Predictor predictor;
    private final NoiseSource noise;
    private Estimate last;

    Step(Plan plan, int index, Ops ops, Predictor predictor, NoiseSource noise) {
        this.plan = plan;
        this.index = index;
        this.ops = ops;
        this.predictor = predictor;
        this.noise = noise;
    }

    /**
     * What one network call says about latents x.
     *
     * @param clean estimate of the clean latents x0
     * @param noise estimate of the unit noise
     * @param output the network's raw output
     */
    public record Estimate(Mix clean, Mix noise, Tensor output) {}

    /** Place in the whole schedule. */
    public int index() {
        return index;
    }

    /** Arena of this step, closed {@link Solver#memory} steps later. */
    public Ops ops() {
        return ops;
    }

    public double sigma() {
        return plan.sigma(index);
    }

    /** Of the step before, in the whole schedule; index must not be 0. */
    public double previousSigma() {
        return plan.sigma(index - 1);
    }

    public double nextSigma() {
        return plan.sigma(index + 1);
    }

    public double timestep() {
        return plan.timestep(index);
    }

    /** Asks the network about x = x0 + sigma eps; the input is scaled by 1 / sqrt(sigma^2 + 1). */
    public Estimate scaled(Tensor x, double sigma, double timestep) {
        double alpha = Plan.alpha(sigma);
        Mix input = Mix.zero().plus(alpha, x);
        return ask(input, input.eval(ops), alpha, Plan.beta(sigma), timestep);
    }

    /** Asks the network about x = x0 + sigma eps, at the timestep where the model was trained with that noise. */
    public Estimate denoise(Tensor x, double sigma) {
        return scaled(x, sigma, plan.levels().timestep(sigma));
    }

    /** Asks the network about x = alpha x0 + beta eps, which it takes as it is. */
    public Estimate unscaled(Tensor x, double alpha, double beta, double timestep) {
        return ask(Mix.of(x), x, alpha, beta, timestep);
    }

    private Estimate ask(Mix x, Tensor input, double alpha, double beta, double timestep) {
        Tensor out = predictor.predict(ops, input, timestep);
        Prediction kind = plan.config().prediction();
        last = new Estimate(kind.clean(x, out, alpha, beta), kind.noise(x, out, alpha, beta), out);
        return last;
    }

    /** The estimate of this step's latest network call, for previews. */
    Estimate last() {
        return last;
    }

    /** The next unit Gaussian, shaped as {@code like}. */
    public Tensor draw(Tensor like) {
        return noise.draw(ops, like.shape());
    }

    /** The unit-scaled increment of the run's Brownian path between two noise levels, shaped as {@code like}. */
    public Tensor brownian(Tensor like, double from, double to) {
        return noise.brownian(ops, like.shape(), from, to);
    }

    /** Clips to [-range, range]; not linear, hence done on the host. */
    public Tensor clip(Mix values, double range) {
        Tensor t = values.eval(ops);
        float[] v = ops.download(t);
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) Math.max(-range, Math.min(range, v[i]));
        }
        return ops.upload(v, t.shape());
    }
}
