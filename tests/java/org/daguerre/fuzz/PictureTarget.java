package org.daguerre.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.daguerre.image.DecodedImage;
import org.daguerre.image.ImageFiles;

/** PNG, JPEG, BMP and GIF: decoded, or refused with {@link IOException}. */
public final class PictureTarget {
    private static final int LARGE = 1 << 20;

    private PictureTarget() {
    }

    static Stream<byte[]> seeds() {
        Corpus corpus = Corpus.of("picture");
        for (String format : new String[] {"png", "jpg", "bmp", "gif"}) {
            corpus.with(encoded(format, BufferedImage.TYPE_INT_RGB)).with(encoded(format, BufferedImage.TYPE_BYTE_GRAY));
        }
        return corpus.with(encoded("png", BufferedImage.TYPE_INT_ARGB)).with(encoded("png", BufferedImage.TYPE_USHORT_GRAY))
            .with(encoded("png", BufferedImage.TYPE_BYTE_INDEXED)).stream();
    }

    private static byte[] encoded(String format, int type) {
        BufferedImage image = new BufferedImage(9, 5, type);
        image.setRGB(3, 2, 0x80ff4020);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            assertTrue(ImageIO.write(image, format, out), format);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        if (isLarge(data)) {
            return; // allowed, but it would only make fuzzing slow
        }
        try {
            DecodedImage image = ImageFiles.decode(data, "fuzzed");
            for (float v : image.onWhite().toRgb().planes()) {
                assertTrue(v >= 0 && v <= 1, "value " + v);
            }
            image.asMask();
        } catch (IOException e) {
            // refused: the other good end
        }
    }

    private static boolean isLarge(byte[] data) {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(data))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                return false;
            }
            ImageReader reader = readers.next();
            reader.setInput(stream, true, true);
            return (long) reader.getWidth(0) * reader.getHeight(0) > LARGE;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }
}
