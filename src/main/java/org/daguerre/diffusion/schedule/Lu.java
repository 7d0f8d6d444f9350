package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/**
 * Evenly spaced in lambda = -log(sigma) between the ends, with rho 1: Lu et al. 2022, arXiv:2206.00927, as in
 * diffusers.
 */
public final class Lu implements Schedule {
    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        return new Exponential().sigmas(steps, levels, min, max);
    }
}
