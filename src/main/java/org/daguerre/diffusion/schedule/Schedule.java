package org.daguerre.diffusion.schedule;

import org.daguerre.diffusion.NoiseLevels;

/** Which noise levels a run visits. */
@FunctionalInterface
public interface Schedule {
    /**
     * @param steps how many levels; a few schedules return a different number, as their originals do
     * @param levels what the model was trained with
     * @param min lowest level to visit
     * @param max highest level to visit
     * @return falling, without the final 0
     */
    double[] sigmas(int steps, NoiseLevels levels, double min, double max);
}
