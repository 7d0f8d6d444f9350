package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/**
 * Quantiles of the beta distribution (a = b = 0.6), denser at both ends: Lee et al. 2024, arXiv:2407.12173, as in
 * diffusers and A1111.
 */
public final class Beta implements Schedule {
    private static final double SHAPE = 0.6;

    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        return Ramp.of(steps, i -> min + quantile(1 - i) * (max - min));
    }

    /** x with I_x(a, a) = p, by bisection: I is monotone, and 60 halvings exhaust a double. */
    static double quantile(double p) {
        if (p == 0) {
            return 0;
        }
        if (p > 0.5) {
            return 1 - quantile(1 - p); // symmetric, and accurate near 0 only
        }
        double low = 0;
        double high = 0.5;
        for (int i = 0; i < 200 && high - low > low * 1e-16; i++) {
            double mid = (low + high) / 2;
            if (distribution(mid) < p) {
                low = mid;
            } else {
                high = mid;
            }
        }
        return high;
    }

    /**
     * The regularised incomplete beta function I_x(a, a) for x up to 1/2, by its power series
     * x^a / (a B(a, a)) (1 + sum of x^n (1 - a)(2 - a)...(n - a) a / (n! (a + n))): DLMF 8.17.8.
     */
    static double distribution(double x) {
        double sum = 1;
        double term = 1;
        for (int n = 1; n < 200; n++) {
            term *= x * (n - SHAPE) / n;
            sum += term * SHAPE / (SHAPE + n);
        }
        return Math.pow(x, SHAPE) * sum / (SHAPE * COMPLETE);
    }

    /** B(0.6, 0.6), from I_1/2 = 1/2. */
    private static final double COMPLETE = complete();

    private static double complete() {
        double sum = 1;
        double term = 1;
        for (int n = 1; n < 200; n++) {
            term *= 0.5 * (n - SHAPE) / n;
            sum += term * SHAPE / (SHAPE + n);
        }
        return 2 * Math.pow(0.5, SHAPE) * sum / SHAPE;
    }
}
