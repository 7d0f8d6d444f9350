package org.daguerre.diffusion;

import java.util.Locale;

/** How the steps are spread over the training timesteps: Lin et al. 2023, arXiv:2305.08891, table 2. */
public enum Spacing {
    LINSPACE, LEADING, TRAILING;

    /** @throws IllegalArgumentException for a name other than leading, linspace and trailing */
    public static Spacing of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "linspace" -> LINSPACE;
            case "leading" -> LEADING;
            case "trailing" -> TRAILING;
            default -> throw new IllegalArgumentException(
                "timestep spacing: expected leading, linspace or trailing, found \"" + name + "\"");
        };
    }

    /**
     * The timesteps of {@code steps} steps out of {@code count} training timesteps, falling.
     *
     * @param offset added by {@code LEADING} only ("steps_offset")
     */
    public double[] timesteps(int steps, int count, int offset) {
        double[] t = new double[steps];
        for (int i = 0; i < steps; i++) {
            int up = steps - 1 - i;
            t[i] = switch (this) {
                case LINSPACE -> steps == 1 ? 0 : up * ((count - 1) / (double) (steps - 1));
                case LEADING -> up * (count / steps) + offset;
                case TRAILING -> Math.rint(count - i * (count / (double) steps)) - 1;
            };
        }
        if (this == LINSPACE && steps > 1) {
            t[0] = count - 1;
        }
        return t;
    }

    /**
     * The variant of the exponential multistep solvers: linspace and leading spread {@code steps + 1} points and drop
     * the last, whose place the final noise level takes. All are whole numbers.
     *
     * @param last number of timesteps left after clipping the noisiest ones; {@code count} if none is clipped
     */
    public double[] timestepsBeforeEnd(int steps, int count, int last, int offset) {
        double[] t = new double[steps];
        for (int i = 0; i < steps; i++) {
            int up = steps - i;
            t[i] = switch (this) {
                case LINSPACE -> Math.rint(up * ((last - 1) / (double) steps));
                case LEADING -> up * (last / (steps + 1)) + offset;
                case TRAILING -> Math.rint(last - i * (count / (double) steps)) - 1;
            };
        }
        return t;
    }
}
