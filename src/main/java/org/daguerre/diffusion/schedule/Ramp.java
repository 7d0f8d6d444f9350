package org.daguerre.diffusion.schedule;

import java.util.function.DoubleUnaryOperator;

/** Schedules that are a function of i / (steps - 1). */
final class Ramp {
    private Ramp() {}

    static double[] of(int steps, DoubleUnaryOperator f) {
        double[] sigmas = new double[steps];
        for (int i = 0; i < steps; i++) {
            sigmas[i] = f.applyAsDouble(steps == 1 ? 0 : i / (double) (steps - 1));
        }
        return sigmas;
    }

    static double[] power(int steps, double min, double max, double rho) {
        double low = Math.pow(min, 1 / rho);
        double high = Math.pow(max, 1 / rho);
        return of(steps, i -> Math.pow(high + i * (low - high), rho));
    }
}
