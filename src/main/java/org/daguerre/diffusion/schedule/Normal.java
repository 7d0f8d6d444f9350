package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/** Evenly spaced timesteps from the last to the first: k-diffusion's {@code get_sigmas}, A1111's "Uniform". */
public final class Normal implements Schedule {
    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        double last = levels.count() - 1;
        return Ramp.of(steps, i -> levels.sigmaAt(last * (1 - i)));
    }
}
