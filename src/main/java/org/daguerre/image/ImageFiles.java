package org.daguerre.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads PNG, JPEG, BMP and GIF (first frame). The declared size is checked before anything is decoded, so that a small
 * file cannot ask for a huge picture. Every failure is an {@link IOException} that names the file.
 */
public final class ImageFiles {
    /** Longest side that is read. */
    public static final int MAX_SIDE = 16_384;
    /** Most pixels that are read. */
    public static final long MAX_PIXELS = 200_000_000L;
    /** What reading holds at once: the decoded samples, four planes of floats, and three more over white. */
    private static final long BYTES_PER_PIXEL = 4 + 4 * Float.BYTES + 3 * Float.BYTES;

    private ImageFiles() {
    }

    /** The picture in colour (3 channels), over white where it is transparent. */
    public static Image read(Path file) throws IOException {
        return decode(file).onWhite().toRgb();
    }

    /** The picture in grey (1 channel), 16-bit values kept: depth maps. */
    public static Image readGrey(Path file) throws IOException {
        return decode(file).onWhite().toGrey();
    }

    /** A mask (1 channel, 1 = repaint); see {@link DecodedImage#asMask()}. */
    public static Image readMask(Path file) throws IOException {
        return decode(file).asMask();
    }

    /** Where a picture is transparent, if it is: a mask for repainting its hole. */
    public static Optional<Image> readTransparency(Path file) throws IOException {
        return decode(file).transparency();
    }

    /** Colour and alpha of a file. */
    public static DecodedImage decode(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("read picture " + file + ": expected a file, found a directory");
        }
        if (!Files.exists(file)) {
            throw new FileNotFoundException("read picture " + file + ": no such file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return decode(in, file.toString());
        }
    }

    /** Colour and alpha of a file held in memory; {@code name} is used in messages. */
    public static DecodedImage decode(byte[] bytes, String name) throws IOException {
        return decode(new ByteArrayInputStream(bytes), name);
    }

    private static DecodedImage decode(InputStream in, String name) throws IOException {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(in)) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new IOException("read picture " + name + ": expected PNG, JPEG, BMP or GIF, found none of these");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                checkSize(reader.getWidth(0), reader.getHeight(0), name);
                BufferedImage image = reader.read(0);
                return AwtImages.decode(image);
            } catch (IOException e) {
                throw e.getMessage() != null && e.getMessage().startsWith("read picture ") ? e : damaged(name, e);
            } catch (RuntimeException e) {
                // the readers of javax.imageio answer malformed data with all kinds of unchecked exceptions
                throw damaged(name, e);
            } finally {
                reader.dispose();
            }
        }
    }

    private static void checkSize(int width, int height, String name) throws IOException {
        if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE || (long) width * height > MAX_PIXELS) {
            throw new IOException("read picture " + name + ": expected at most " + MAX_SIDE + " pixels a side and "
                    + MAX_PIXELS / 1_000_000 + " megapixels, found " + width + "x" + height);
        }
        long needed = BYTES_PER_PIXEL * width * height;
        long heap = Runtime.getRuntime().maxMemory();
        if (needed > heap) {
            throw new IOException("read picture " + name + ": expected one that fits in the " + (heap >> 20) + " MiB that Java may use, found "
                    + width + "x" + height + ", which takes " + (needed >> 20) + " MiB");
        }
    }

    private static IOException damaged(String name, Exception cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new IOException("read picture " + name + ": cannot be decoded (" + why + ")", cause);
    }
}
