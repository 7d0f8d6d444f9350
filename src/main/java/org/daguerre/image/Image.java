package org.daguerre.image;

import java.util.Arrays;

/**
 * A picture as float planes: {@code channels} planes of {@code height} rows of {@code width} values (CHW), nominally in
 * [0, 1]. One channel is grey (or a mask, 1 = repaint), three are red, green, blue.
 *
 * <p>The planes are shared, not copied: whoever writes to {@link #planes()} changes the picture. Operations in this
 * package never change their inputs.
 */
public final class Image {
    private final int channels;
    private final int height;
    private final int width;
    private final float[] planes;

    private Image(int channels, int height, int width, float[] planes) {
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.planes = planes;
    }

    /**
     * Wraps existing planes.
     *
     * @throws IllegalArgumentException if a size is not positive or does not match the number of values
     */
    public static Image of(int channels, int height, int width, float[] planes) {
        if (count(channels, height, width) != planes.length) {
            throw new IllegalArgumentException("image " + channels + "x" + height + "x" + width + ": expected "
                    + count(channels, height, width) + " values, found " + planes.length);
        }
        return new Image(channels, height, width, planes);
    }

    /** A picture with every value zero. */
    public static Image zeros(int channels, int height, int width) {
        long count = count(channels, height, width);
        if (count > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("image " + channels + "x" + height + "x" + width + ": too many values");
        }
        return new Image(channels, height, width, new float[(int) count]);
    }

    /** A picture with every value the same. */
    public static Image filled(int channels, int height, int width, float value) {
        Image image = zeros(channels, height, width);
        Arrays.fill(image.planes, value);
        return image;
    }

    private static long count(int channels, int height, int width) {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("image: sizes must be positive, found " + channels + "x" + height + "x"
                    + width + " (channels, height, width)");
        }
        return (long) channels * height * width;
    }

    public int channels() {
        return channels;
    }

    public int height() {
        return height;
    }

    public int width() {
        return width;
    }

    /** The live values, channel by channel. */
    public float[] planes() {
        return planes;
    }

    /** Offset of a value in {@link #planes()}. */
    public int index(int c, int y, int x) {
        return (c * height + y) * width + x;
    }

    public float at(int c, int y, int x) {
        return planes[index(c, y, x)];
    }

    /** The whole picture as a region. */
    public Region bounds() {
        return new Region(0, 0, width, height);
    }

    /**
     * A copy of a part.
     *
     * @throws IllegalArgumentException if the region leaves the picture
     */
    public Image crop(Region r) {
        if (!bounds().contains(r)) {
            throw new IllegalArgumentException("crop: " + r + " is not inside a picture of " + width + "x" + height);
        }
        Image out = zeros(channels, r.height(), r.width());
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < r.height(); y++) {
                System.arraycopy(planes, index(c, r.y() + y, r.x()), out.planes, out.index(c, y, 0), r.width());
            }
        }
        return out;
    }

    /** Three channels: grey is repeated, three stay as they are (the same object). */
    public Image toRgb() {
        if (channels == 3) {
            return this;
        }
        if (channels != 1) {
            throw new IllegalArgumentException("to RGB: expected 1 or 3 channels, found " + channels);
        }
        Image out = zeros(3, height, width);
        for (int c = 0; c < 3; c++) {
            System.arraycopy(planes, 0, out.planes, c * height * width, height * width);
        }
        return out;
    }

    /** One channel: luma of ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B); grey stays as it is (the same object). */
    public Image toGrey() {
        if (channels == 1) {
            return this;
        }
        if (channels != 3) {
            throw new IllegalArgumentException("to grey: expected 1 or 3 channels, found " + channels);
        }
        int n = height * width;
        Image out = zeros(1, height, width);
        for (int i = 0; i < n; i++) {
            out.planes[i] = (float) (0.299 * planes[i] + 0.587 * planes[n + i] + 0.114 * planes[2 * n + i]);
        }
        return out;
    }

    /** Whether another picture has the same number of channels, rows and columns. */
    public boolean sameShape(Image other) {
        return channels == other.channels && height == other.height && width == other.width;
    }

    @Override
    public String toString() {
        return "Image[" + width + "x" + height + ", " + channels + (channels == 1 ? " channel]" : " channels]");
    }
}
