package org.daguerre.image;

/** Filters of {@link Resize#resample}: the kernels and supports of Pillow. */
public enum ResampleFilter {
    NEAREST(0),
    BOX(0.5),
    BILINEAR(1),
    HAMMING(1),
    BICUBIC(2),
    LANCZOS(3);

    /** Half the width of the kernel at scale 1. */
    final double support;

    ResampleFilter(double support) {
        this.support = support;
    }

    double weight(double x) {
        double a = Math.abs(x);
        return switch (this) {
            case NEAREST, BOX -> x > -0.5 && x <= 0.5 ? 1 : 0;
            case BILINEAR -> Math.max(0, 1 - a);
            case HAMMING -> a >= 1 ? 0 : sinc(a) * (0.54 + 0.46 * Math.cos(Math.PI * a));
            case BICUBIC -> cubic(a, -0.5);
            case LANCZOS -> a < 3 ? sinc(a) * sinc(a / 3) : 0;
        };
    }

    /** Keys 1981, "Cubic convolution interpolation": {@code a} = -0.5 in Pillow, -0.75 in PyTorch and OpenCV. */
    static double cubic(double x, double a) {
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }
}
