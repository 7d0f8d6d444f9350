package org.daguerre.diffusion;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Guidance by a gradient that the caller supplies: Dhariwal and Nichol 2021, arXiv:2105.05233, algorithm 2. The noise
 * that the network sees becomes eps - beta scale grad log p(y | x); other kinds of output change accordingly.
 *
 * @param network the model without this guidance
 * @param prediction what its output means
 * @param levels its noise levels
 * @param gradient of what is wanted
 * @param scale 1 samples from the posterior, more exaggerates
 */
public record ClassifierGuidance(Predictor network, Prediction prediction, NoiseLevels levels, Gradient gradient,
    double scale)
    implements Predictor {

    /** The gradient of log p(y | x) with respect to the noisy latents x = alpha x0 + beta eps. */
    @FunctionalInterface
    public interface Gradient {
        /**
         * @param ops arena that the result must live in
         * @param x noisy latents [N, H, W, C], as the network takes them
         * @param timestep 0 .. training timesteps - 1, may be fractional
         */
        Tensor at(Ops ops, Tensor x, double timestep);
    }

    @Override
    public Tensor predict(Ops ops, Tensor x, double timestep) {
        double sigma = levels.sigmaAt(timestep);
        double alpha = Plan.alpha(sigma);
        double beta = Plan.beta(sigma);
        double weight = switch (prediction) {
            case EPSILON -> -beta;
            case V -> -beta / alpha; // v = alpha eps - beta x0, where x0 = (x - beta eps) / alpha
            case SAMPLE -> beta * beta / alpha;
        };
        Mix out = Mix.of(network.predict(ops, x, timestep));
        return out.plus(scale * weight, gradient.at(ops, x, timestep)).eval(ops);
    }
}
