package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class ImagesTest {
    @Test
    void layoutsAgree() {
        Image image = Reference.colors();
        for (ValueRange range : ValueRange.values()) {
            float[] nchw = Images.toNchw(image, range);
            float[] nhwc = Images.toNhwc(image, range);
            assertEquals(nchw[image.index(2, 3, 4)], nhwc[(3 * 13 + 4) * 3 + 2]);
            Reference.assertClose("nchw", image.planes(), Images.fromNchw(nchw, 0, 3, 9, 13, range).planes(), 1e-6);
            Reference.assertClose("nhwc", image.planes(), Images.fromNhwc(nhwc, 0, 3, 9, 13, range).planes(), 1e-6);
        }
        assertEquals(2 * image.at(1, 1, 1) - 1, Images.toNchw(image, ValueRange.SIGNED)[image.index(1, 1, 1)]);
    }

    @Test
    void takesOnePictureOfABatchAndClamps() {
        float[] two = {-3f, -1f, 0f, 0.5f, 1f, 3f, 0f, 0f, 0f, -1f, 1f, 0f};
        Image second = Images.fromNhwc(two, 1, 3, 1, 2, ValueRange.SIGNED);
        assertArrayEquals(new float[] {0.5f, 0f, 0.5f, 1f, 0.5f, 0.5f}, second.planes());
        Image first = Images.fromNchw(two, 0, 3, 1, 2, ValueRange.SIGNED);
        assertArrayEquals(new float[] {0f, 0f, 0.5f, 0.75f, 1f, 1f}, first.planes());
        assertThrows(IllegalArgumentException.class, () -> Images.fromNchw(two, 2, 3, 1, 2, ValueRange.UNIT));
    }

    @Test
    void everyByteSurvives() {
        byte[] all = new byte[3 * 16 * 16];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i * 7);
        }
        assertArrayEquals(all, Images.toBytes(Images.fromBytes(all, 3, 16, 16)));
    }

    @Test
    void roundsLikeNumPyAndNamesNaN() {
        Image image = Image.of(1, 1, 4, new float[] {0.5f / 255, 1.5f / 255, -1, 2});
        assertArrayEquals(new byte[] {0, 2, 0, -1}, Images.toBytes(image));
        Image broken = Image.of(3, 2, 2, new float[12]);
        broken.planes()[7] = Float.NaN;
        String message = assertThrows(IllegalArgumentException.class, () -> Images.toBytes(broken)).getMessage();
        assertTrue(message.contains("channel 1 at (1, 1)"), message);
    }

    @Test
    void bufferedImagesOfAllKinds() {
        Image bytes = Images.fromBytes(Images.toBytes(Reference.colors()), 3, 9, 13);
        BufferedImage rgb = AwtImages.toBuffered(bytes);
        assertArrayEquals(bytes.planes(), AwtImages.fromBuffered(rgb).planes());
        int[] types = {BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_INT_BGR, BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_4BYTE_ABGR, BufferedImage.TYPE_INT_ARGB_PRE};
        for (int type : types) {
            BufferedImage other = new BufferedImage(13, 9, type);
            for (int i = 0; i < 13 * 9; i++) {
                other.setRGB(i % 13, i / 13, rgb.getRGB(i % 13, i / 13));
            }
            assertArrayEquals(bytes.planes(), AwtImages.fromBuffered(other).planes(), "type " + type);
        }
    }

    @Test
    void greyIsNotBrightened() {
        BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(1, 0, 0, 100);
        assertArrayEquals(new float[] {0f, 100 / 255f}, AwtImages.fromBuffered(grey).planes());
    }

    @Test
    void cropAndChannels() {
        Image image = Reference.colors();
        Image part = image.crop(new Region(2, 3, 5, 4));
        assertEquals(image.at(2, 6, 6), part.at(2, 3, 4));
        assertThrows(IllegalArgumentException.class, () -> image.crop(new Region(9, 0, 5, 4)));
        assertSame(image, image.toRgb());
        Image grey = image.toGrey();
        assertEquals(0.299 * image.at(0, 1, 2) + 0.587 * image.at(1, 1, 2) + 0.114 * image.at(2, 1, 2),
                grey.at(0, 1, 2), 1e-6);
        assertEquals(grey.at(0, 5, 5), grey.toRgb().at(2, 5, 5));
    }

    @Test
    void refusesSizesThatDoNotFit() {
        assertThrows(IllegalArgumentException.class, () -> Image.of(3, 2, 2, new float[11]));
        assertThrows(IllegalArgumentException.class, () -> Image.zeros(1, 0, 2));
        assertThrows(IllegalArgumentException.class, () -> Image.zeros(3, 40_000, 40_000));
    }
}
