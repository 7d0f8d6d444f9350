package org.daguerre.diffusion.schedule;

import java.util.Arrays;
import org.daguerre.diffusion.NoiseLevels;

/**
 * Levels optimised for ten steps, interpolated in log(sigma) for other numbers: Sabour et al. 2024, arXiv:2404.14507,
 * with the tables that its authors published for Stable Diffusion 1.5 and SDXL.
 */
public final class AlignYourSteps implements Schedule {
    private static final double[] SD15 =
        {14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029};
    private static final double[] SDXL =
        {14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029};

    private final double[] table;
    private final boolean reachesMin;

    private AlignYourSteps(double[] table, boolean reachesMin) {
        this.table = table;
        this.reachesMin = reachesMin;
    }

    /**
     * The table for {@code steps} intervals, 0 in place of its last level: NVIDIA's, diffusers' and ComfyUI's reading.
     */
    public static Schedule of(boolean sdxl) {
        return new AlignYourSteps(sdxl ? SDXL : SD15, false);
    }

    /** The table for {@code steps} levels, then 0: A1111's reading. */
    public static Schedule a1111(boolean sdxl) {
        return new AlignYourSteps(sdxl ? SDXL : SD15, true);
    }

    @Override
    public double[] sigmas(int steps, NoiseLevels levels, double min, double max) {
        int points = reachesMin ? steps : steps + 1;
        return Arrays.copyOf(Ramp.of(points, this::at), steps);
    }

    private double at(double fraction) {
        double place = fraction * (table.length - 1);
        int low = Math.min((int) place, table.length - 2);
        double w = place - low;
        return w == 0 ? table[low] : Math.exp((1 - w) * Math.log(table[low]) + w * Math.log(table[low + 1]));
    }
}
