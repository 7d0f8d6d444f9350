package org.daguerre.diffusion;

import org.daguerre.tensor.Tensor;

/**
 * What the network's output means. With x = alpha x0 + sigma eps and alpha^2 + sigma^2 = 1: the noise eps, the
 * velocity v = alpha eps - sigma x0 (Salimans and Ho 2022, arXiv:2202.00512), or x0 itself.
 */
public enum Prediction {
    EPSILON, V, SAMPLE;

    /** The value of {@code prediction_type}: epsilon, v_prediction or sample. */
    public static Prediction of(String name) {
        return switch (name) {
            case "epsilon", "eps" -> EPSILON;
            case "v_prediction", "v" -> V;
            case "sample", "x0" -> SAMPLE;
            default -> throw new IllegalArgumentException(
                "prediction type: expected epsilon, v_prediction or sample, found \"" + name + "\"");
        };
    }

    /** The clean latents x0, for a network output {@code out} at {@code x}. */
    public Mix clean(Mix x, Tensor out, double alpha, double sigma) {
        return switch (this) {
            case EPSILON -> x.times(1 / alpha).plus(-sigma / alpha, out);
            case V -> x.times(alpha).plus(-sigma, out);
            case SAMPLE -> Mix.of(out);
        };
    }

    /** The unit noise eps, for a network output {@code out} at {@code x}. */
    public Mix noise(Mix x, Tensor out, double alpha, double sigma) {
        return switch (this) {
            case EPSILON -> Mix.of(out);
            case V -> x.times(sigma).plus(alpha, out);
            case SAMPLE -> x.times(1 / sigma).plus(-alpha / sigma, out);
        };
    }
}
