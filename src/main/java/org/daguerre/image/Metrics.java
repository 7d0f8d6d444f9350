package org.daguerre.image;

/**
 * Distances between two arrays of values. Each refuses values that are not finite, so that NaN never passes a limit.
 */
public final class Metrics {
    private Metrics() {
    }

    /** Mean of |a - b|. */
    public static double meanAbs(float[] a, float[] b) {
        check(a, b);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs((double) a[i] - b[i]);
        }
        return sum / a.length;
    }

    /** Largest |a - b|. */
    public static double maxAbs(float[] a, float[] b) {
        check(a, b);
        double max = 0;
        for (int i = 0; i < a.length; i++) {
            max = Math.max(max, Math.abs((double) a[i] - b[i]));
        }
        return max;
    }

    /** |a - b| / |b| in the Euclidean norm; 0 if both are zero, infinite if only the reference {@code b} is. */
    public static double relativeL2(float[] a, float[] b) {
        check(a, b);
        double difference = 0;
        double reference = 0;
        for (int i = 0; i < a.length; i++) {
            double d = (double) a[i] - b[i];
            difference += d * d;
            reference += (double) b[i] * b[i];
        }
        return difference == 0 ? 0 : Math.sqrt(difference / reference);
    }

    /** Peak signal to noise ratio in decibels for values in [0, peak]; infinite for equal pictures. */
    public static double psnr(float[] a, float[] b, double peak) {
        check(a, b);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double d = (double) a[i] - b[i];
            sum += d * d;
        }
        return sum == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(peak * peak * a.length / sum);
    }

    /** Peak signal to noise ratio of two pictures of the same shape, values in [0, 1]. */
    public static double psnr(Image a, Image b) {
        if (!a.sameShape(b)) {
            throw new IllegalArgumentException("psnr: expected pictures of the same shape, found " + a + " and " + b);
        }
        return psnr(a.planes(), b.planes(), 1);
    }

    private static void check(float[] a, float[] b) {
        if (a.length != b.length || a.length == 0) {
            throw new IllegalArgumentException("compare: expected two arrays of the same size, not empty, found "
                    + a.length + " and " + b.length);
        }
        for (int i = 0; i < a.length; i++) {
            if (!Float.isFinite(a[i]) || !Float.isFinite(b[i])) {
                throw new IllegalArgumentException("compare: not finite at " + i + ": " + a[i] + " and " + b[i]);
            }
        }
    }
}
