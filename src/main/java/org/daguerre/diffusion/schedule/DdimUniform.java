package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/**
 * Every k-th trained level from the second on, k = trained / steps rounded down, as ComfyUI and A1111 define it. May
 * have more levels than asked for.
 */
public final class DdimUniform implements Schedule {
    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        int stride = Math.max(levels.count() / steps, 1);
        int n = (levels.count() - 2) / stride + 1;
        double[] sigmas = new double[n];
        for (int i = 0; i < n; i++) {
            sigmas[i] = levels.sigma(1 + (n - 1 - i) * stride);
        }
        return sigmas;
    }
}
