package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/** Evenly spaced in log(sigma), as k-diffusion and diffusers call it. */
public final class Exponential implements Schedule {
    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        return Ramp.of(steps, i -> Math.exp(Math.log(max) + i * (Math.log(min) - Math.log(max))));
    }
}
