package org.daguerre.diffusion.random;

import org.daguerre.tensor.Shape;

/**
 * Spherical interpolation of noise as A1111 does it for variation seeds: one angle per channel and column, measured
 * along the image's height; plain interpolation where the two are nearly parallel on average.
 */
final class Slerp {
    private Slerp() {}

    /** @param shape [N, H, W, C] of the latents; {@code a} and {@code b} are one image each, [C, H, W] */
    static float[] mix(float[] a, float[] b, Shape shape, double strength) {
        int height = shape.dim(1);
        int width = shape.dim(2);
        int columns = shape.dim(3) * width;
        double[] cosine = new double[columns];
        double mean = 0;
        for (int k = 0; k < columns; k++) {
            cosine[k] = cosine(a, b, start(k, height, width), height, width);
            mean += cosine[k] / columns;
        }
        float[] out = new float[a.length];
        for (int k = 0; k < columns; k++) {
            double angle = Math.acos(cosine[k]);
            boolean straight = mean > 0.9995;
            double wa = straight ? 1 - strength : Math.sin((1 - strength) * angle) / Math.sin(angle);
            double wb = straight ? strength : Math.sin(strength * angle) / Math.sin(angle);
            for (int h = 0; h < height; h++) {
                int i = start(k, height, width) + h * width;
                out[i] = (float) (wa * a[i] + wb * b[i]);
            }
        }
        return out;
    }

    private static int start(int column, int height, int width) {
        return column / width * height * width + column % width;
    }

    private static double cosine(float[] a, float[] b, int start, int height, int width) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int h = 0; h < height; h++) {
            int i = start + h * width;
            ab += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }
}
