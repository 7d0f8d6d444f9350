package org.daguerre.diffusion.random;

import org.daguerre.tensor.Shape;

/** Between PyTorch's order of an image's values [C, H, W] and the device's [H, W, C]. */
final class Layout {
    private Layout() {}

    /** Number of values of one image of {@code shape} [N, H, W, C]. */
    static int perImage(Shape shape) {
        if (shape.rank() != 4 || shape.dim(0) == 0) {
            throw new IllegalArgumentException("noise: expected latents [N, H, W, C], found " + shape);
        }
        return Math.toIntExact(shape.count() / shape.dim(0));
    }

    /** Writes [C, H, W] values into row {@code image} of an [N, H, W, C] array. */
    static void toNhwc(float[] chw, Shape shape, float[] all, int image) {
        int channels = shape.dim(3);
        int pixels = shape.dim(1) * shape.dim(2);
        int base = image * chw.length;
        for (int c = 0; c < channels; c++) {
            for (int p = 0; p < pixels; p++) {
                all[base + p * channels + c] = chw[c * pixels + p];
            }
        }
    }
}
