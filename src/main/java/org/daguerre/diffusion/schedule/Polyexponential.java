package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/** Polynomial in log(sigma), of degree {@code rho}: k-diffusion. With rho 1, its default, the exponential schedule. */
public final class Polyexponential implements Schedule {
    private final double rho;

    public Polyexponential(double rho) {
        this.rho = rho;
    }

    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        return Ramp.of(steps, i -> Math.exp(Math.pow(1 - i, rho) * (Math.log(max) - Math.log(min)) + Math.log(min)));
    }
}
