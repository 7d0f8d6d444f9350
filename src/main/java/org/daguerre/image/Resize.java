package org.daguerre.image;

import java.util.Arrays;

/**
 * Resizing with antialiasing, equal to Pillow's {@code Image.resize} on float images: when shrinking, the kernel is
 * widened by the scale. For the interpolation of PyTorch, which does not widen, see {@link Interpolate}.
 */
public final class Resize {
    private Resize() {
    }

    /** The picture at a new size; no value is clamped, so bicubic and Lanczos may overshoot [0, 1]. */
    public static Image resample(Image image, int width, int height, ResampleFilter filter) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("resize: size must be positive, found " + width + "x" + height);
        }
        if (width == image.width() && height == image.height()) {
            return image;
        }
        Image wide = width == image.width() ? image : alongRows(image, Taps.of(image.width(), width, filter));
        return height == image.height() ? wide : alongColumns(wide, Taps.of(image.height(), height, filter));
    }

    /**
     * The picture brought to a size of another shape.
     *
     * @param fit what to do where the shapes differ
     */
    public static Image fit(Image image, int width, int height, Fit fit, ResampleFilter filter) {
        double sx = (double) width / image.width();
        double sy = (double) height / image.height();
        if (fit == Fit.STRETCH || sx == sy) {
            return clamp(resample(image, width, height, filter));
        }
        double scale = fit == Fit.CROP ? Math.max(sx, sy) : Math.min(sx, sy);
        int w = scale == sx ? width : Math.max(1, (int) Math.rint(image.width() * scale));
        int h = scale == sy ? height : Math.max(1, (int) Math.rint(image.height() * scale));
        Image scaled = clamp(resample(image, w, h, filter));
        if (fit == Fit.CROP) {
            return scaled.crop(new Region((w - width) / 2, (h - height) / 2, width, height));
        }
        return onCanvas(scaled, width, height, fit);
    }

    private static Image onCanvas(Image image, int width, int height, Fit fit) {
        int left = (width - image.width()) / 2;
        int top = (height - image.height()) / 2;
        Image out = Image.zeros(image.channels(), height, width);
        for (int c = 0; c < image.channels(); c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int sx = Math.max(0, Math.min(image.width() - 1, x - left));
                    int sy = Math.max(0, Math.min(image.height() - 1, y - top));
                    boolean inside = sx == x - left && sy == y - top;
                    out.planes()[out.index(c, y, x)] = inside || fit == Fit.EXTEND ? image.at(c, sy, sx) : 0f;
                }
            }
        }
        return out;
    }

    private static Image clamp(Image image) {
        Image out = Images.copy(image);
        float[] v = out.planes();
        for (int i = 0; i < v.length; i++) {
            v[i] = Math.max(0f, Math.min(1f, v[i]));
        }
        return out;
    }

    private static Image alongRows(Image in, Taps taps) {
        Image out = Image.zeros(in.channels(), in.height(), taps.size());
        float[] src = in.planes();
        for (int row = 0; row < in.channels() * in.height(); row++) {
            for (int x = 0; x < taps.size(); x++) {
                double[] w = taps.weights()[x];
                int at = row * in.width() + taps.first()[x];
                double sum = 0;
                for (int k = 0; k < w.length; k++) {
                    sum += w[k] * src[at + k];
                }
                out.planes()[row * taps.size() + x] = (float) sum;
            }
        }
        return out;
    }

    private static Image alongColumns(Image in, Taps taps) {
        Image out = Image.zeros(in.channels(), taps.size(), in.width());
        double[] sums = new double[in.width()];
        for (int c = 0; c < in.channels(); c++) {
            for (int y = 0; y < taps.size(); y++) {
                double[] w = taps.weights()[y];
                Arrays.fill(sums, 0);
                for (int k = 0; k < w.length; k++) {
                    int at = in.index(c, taps.first()[y] + k, 0);
                    for (int x = 0; x < sums.length; x++) {
                        sums[x] += w[k] * in.planes()[at + x];
                    }
                }
                int to = out.index(c, y, 0);
                for (int x = 0; x < sums.length; x++) {
                    out.planes()[to + x] = (float) sums[x];
                }
            }
        }
        return out;
    }
}
