package org.daguerre.image;

import java.util.Arrays;

/** Conversions between {@link Image}, the network's NCHW and NHWC values, and 8-bit RGB. */
public final class Images {
    private Images() {
    }

    /** Picture {@code n} of a batch [N, C, H, W]; values are taken to [0, 1] and clamped, NaN stays NaN. */
    public static Image fromNchw(float[] data, int n, int channels, int height, int width, ValueRange range) {
        Image out = checked(data, n, channels, height, width);
        int size = channels * height * width;
        for (int i = 0; i < size; i++) {
            out.planes()[i] = clamp(range.toUnit(data[n * size + i]));
        }
        return out;
    }

    /** Picture {@code n} of a batch [N, H, W, C]; values are taken to [0, 1] and clamped, NaN stays NaN. */
    public static Image fromNhwc(float[] data, int n, int channels, int height, int width, ValueRange range) {
        Image out = checked(data, n, channels, height, width);
        int pixels = height * width;
        for (int c = 0; c < channels; c++) {
            for (int p = 0; p < pixels; p++) {
                out.planes()[c * pixels + p] = clamp(range.toUnit(data[(n * pixels + p) * channels + c]));
            }
        }
        return out;
    }

    private static Image checked(float[] data, int n, int channels, int height, int width) {
        Image out = Image.zeros(channels, height, width);
        long size = out.planes().length;
        if (n < 0 || (n + 1) * size > data.length) {
            throw new IllegalArgumentException("image " + n + " of a batch: expected at least " + (n + 1) * size
                    + " values for " + channels + "x" + height + "x" + width + ", found " + data.length);
        }
        return out;
    }

    /** Values [C, H, W] for a network. */
    public static float[] toNchw(Image image, ValueRange range) {
        float[] out = new float[image.planes().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = range.fromUnit(image.planes()[i]);
        }
        return out;
    }

    /** Values [H, W, C] for a network. */
    public static float[] toNhwc(Image image, ValueRange range) {
        int pixels = image.height() * image.width();
        int channels = image.channels();
        float[] out = new float[image.planes().length];
        for (int c = 0; c < channels; c++) {
            for (int p = 0; p < pixels; p++) {
                out[p * channels + c] = range.fromUnit(image.planes()[c * pixels + p]);
            }
        }
        return out;
    }

    /**
     * Interleaved 8-bit values, rounded to the nearest (halves to even, as NumPy does) and clamped. One byte a pixel
     * for grey, three for RGB.
     *
     * @throws IllegalArgumentException if a value is not a number
     */
    public static byte[] toBytes(Image image) {
        int pixels = image.height() * image.width();
        int channels = image.channels();
        byte[] out = new byte[image.planes().length];
        for (int c = 0; c < channels; c++) {
            for (int p = 0; p < pixels; p++) {
                out[p * channels + c] = (byte) quantise(image, c * pixels + p, 255);
            }
        }
        return out;
    }

    /** A picture from interleaved 8-bit values: k becomes k / 255. */
    public static Image fromBytes(byte[] data, int channels, int height, int width) {
        Image out = Image.zeros(channels, height, width);
        if (data.length != out.planes().length) {
            throw new IllegalArgumentException("image from bytes " + width + "x" + height + ": expected "
                    + out.planes().length + " bytes, found " + data.length);
        }
        int pixels = height * width;
        for (int i = 0; i < data.length; i++) {
            out.planes()[i % channels * pixels + i / channels] = (data[i] & 0xff) / 255f;
        }
        return out;
    }

    /** The value at {@code index} as an integer in 0..max; refuses NaN, naming the place. */
    static int quantise(Image image, int index, int max) {
        float v = image.planes()[index];
        if (Float.isNaN(v)) {
            int pixels = image.height() * image.width();
            throw new IllegalArgumentException("image to integers: not a number in channel " + index / pixels + " at ("
                    + index % pixels % image.width() + ", " + index % pixels / image.width() + ")");
        }
        return (int) Math.rint(Math.min(1f, Math.max(0f, v)) * max);
    }

    /** A deep copy. */
    public static Image copy(Image image) {
        return Image.of(image.channels(), image.height(), image.width(),
                Arrays.copyOf(image.planes(), image.planes().length));
    }

    private static float clamp(float v) {
        return Math.max(0f, Math.min(1f, v));
    }
}
