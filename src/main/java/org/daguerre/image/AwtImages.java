package org.daguerre.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Optional;

/**
 * To and from {@link BufferedImage}. Stored values are taken as they are: the colour conversions of java.awt treat grey
 * files as linear light and would brighten them.
 */
public final class AwtImages {
    private AwtImages() {
    }

    /** An opaque picture of type {@code TYPE_INT_RGB}. */
    public static BufferedImage toBuffered(Image image) {
        byte[] rgb = Images.toBytes(image.toRgb());
        BufferedImage out = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        int[] row = new int[image.width()];
        for (int y = 0, i = 0; y < image.height(); y++) {
            for (int x = 0; x < row.length; x++, i += 3) {
                row[x] = (rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | rgb[i + 2] & 0xff;
            }
            out.setRGB(0, y, row.length, 1, row, 0, row.length);
        }
        return out;
    }

    /** The picture over white, 1 channel for grey and 3 for colour. */
    public static Image fromBuffered(BufferedImage image) {
        return decode(image).onWhite();
    }

    /** Colour and alpha of a picture of any type, 8 or 16 bits a channel. */
    public static DecodedImage decode(BufferedImage image) {
        ColorModel model = image.getColorModel();
        int space = model.getColorSpace().getType();
        boolean plain = space == ColorSpace.TYPE_RGB || space == ColorSpace.TYPE_GRAY;
        if (model instanceof IndexColorModel || !plain) {
            return fromArgb(image, model.hasAlpha());
        }
        int colors = model.getNumColorComponents();
        Image color = bands(image, 0, colors);
        if (!model.hasAlpha()) {
            return new DecodedImage(color, Optional.empty());
        }
        Image alpha = bands(image, colors, 1);
        return new DecodedImage(model.isAlphaPremultiplied() ? divide(color, alpha) : color, Optional.of(alpha));
    }

    private static Image bands(BufferedImage image, int first, int count) {
        Raster raster = image.getRaster();
        Image out = Image.zeros(count, image.getHeight(), image.getWidth());
        int[] row = new int[image.getWidth()];
        for (int c = 0; c < count; c++) {
            float max = (1 << image.getColorModel().getComponentSize(first + c)) - 1;
            for (int y = 0; y < image.getHeight(); y++) {
                raster.getSamples(0, y, row.length, 1, first + c, row);
                int at = out.index(c, y, 0);
                for (int x = 0; x < row.length; x++) {
                    out.planes()[at + x] = row[x] / max;
                }
            }
        }
        return out;
    }

    private static DecodedImage fromArgb(BufferedImage image, boolean hasAlpha) {
        int width = image.getWidth();
        Image color = Image.zeros(3, image.getHeight(), width);
        Image alpha = Image.zeros(1, image.getHeight(), width);
        int[] row = new int[width];
        int plane = alpha.planes().length;
        for (int y = 0, p = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++, p++) {
                color.planes()[p] = (row[x] >> 16 & 0xff) / 255f;
                color.planes()[plane + p] = (row[x] >> 8 & 0xff) / 255f;
                color.planes()[2 * plane + p] = (row[x] & 0xff) / 255f;
                alpha.planes()[p] = (row[x] >>> 24) / 255f;
            }
        }
        return new DecodedImage(color, hasAlpha ? Optional.of(alpha) : Optional.empty());
    }

    private static Image divide(Image color, Image alpha) {
        int pixels = alpha.planes().length;
        for (int i = 0; i < color.planes().length; i++) {
            float a = alpha.planes()[i % pixels];
            color.planes()[i] = a > 0f ? Math.min(1f, color.planes()[i] / a) : 0f;
        }
        return color;
    }
}
