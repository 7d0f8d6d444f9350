package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/** Every (trained / steps)-th trained level from the noisiest down, as ComfyUI and A1111 define it. */
public final class Simple implements Schedule {
    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        double stride = levels.count() / (double) steps;
        double[] sigmas = new double[steps];
        for (int i = 0; i < steps; i++) {
            sigmas[i] = levels.sigma(levels.count() - 1 - (int) (i * stride));
        }
        return sigmas;
    }
}
