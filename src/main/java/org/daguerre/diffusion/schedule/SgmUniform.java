package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/**
 * Evenly spaced timesteps that stop one interval short of the first: Stability's generative-models, A1111's "SGM
 * Uniform".
 */
public final class SgmUniform implements Schedule {
    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        double from = levels.timestep(max);
        double to = levels.timestep(min);
        double[] sigmas = new double[steps];
        for (int i = 0; i < steps; i++) {
            sigmas[i] = levels.sigmaAt(from + i * (to - from) / steps);
        }
        return sigmas;
    }
}
