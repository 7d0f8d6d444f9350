package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/** Evenly spaced in sigma^(1/7): Karras et al. 2022, arXiv:2206.00364, equation 5. */
public final class Karras implements Schedule {
    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        return Ramp.power(steps, min, max, 7);
    }
}
