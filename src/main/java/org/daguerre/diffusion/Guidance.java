package org.daguerre.diffusion;

/**
 * When and how strongly the prompt pulls: classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598), out =
 * uncond + scale (cond - uncond), within an interval of the run (Kynkaanniemi et al. 2024, arXiv:2404.07724), with the
 * standard deviation pulled back to the conditional one's (Lin et al. 2023, arXiv:2305.08891, section 3.4). The tensor
 * operation is {@code Ops.guidance}; this says what to feed it.
 *
 * @param scale 1 is the plain conditional model and 0 the unconditional one: one forward each instead of two
 * @param rescale 0 (off) to 1
 * @param start share of the steps taken before guidance sets in, 0 for the whole run
 * @param end share after which it ends, 1 for the whole run; outside the interval the scale is 1
 */
public record Guidance(double scale, double rescale, double start, double end) {

    /** Which rows of a batch a step needs. */
    public enum Rows { CONDITIONAL, UNCONDITIONAL, BOTH }

    public Guidance {
        if (!Double.isFinite(scale)) {
            throw new IllegalArgumentException("guidance scale: expected a finite number, found " + scale);
        }
        if (!(rescale >= 0 && rescale <= 1)) {
            throw new IllegalArgumentException("guidance rescale: expected a number within 0..1, found " + rescale);
        }
        if (!(start >= 0 && start <= end && end <= 1)) {
            throw new IllegalArgumentException("guidance interval: expected 0 <= start <= end <= 1, found " + start
                + ".." + end);
        }
    }

    /** The same scale in all steps. */
    public static Guidance of(double scale) {
        return new Guidance(scale, 0, 0, 1);
    }

    public Guidance withRescale(double phi) {
        return new Guidance(scale, phi, start, end);
    }

    public Guidance within(double from, double to) {
        return new Guidance(scale, rescale, from, to);
    }

    /** @param progress share of the run's steps taken so far, from 0 up to but not including 1 */
    public double scaleAt(double progress) {
        return progress >= start && (progress < end || end == 1) ? scale : 1;
    }

    /** The forwards that a step needs. */
    public Rows rowsAt(double progress) {
        double s = scaleAt(progress);
        return s == 1 ? Rows.CONDITIONAL : s == 0 ? Rows.UNCONDITIONAL : Rows.BOTH;
    }

    /** Whether any step needs the unconditional rows. */
    public boolean needsUnconditional() {
        return scale != 1;
    }
}
