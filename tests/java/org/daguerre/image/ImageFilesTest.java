package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFilesTest {
    @TempDir
    Path folder;

    private static byte[] png(String name) {
        return Reference.lines("png").stream().filter(w -> w[0].equals(name)).findFirst()
                .map(w -> Base64.getDecoder().decode(w[1])).orElseThrow();
    }

    private static DecodedImage decode(String name) throws IOException {
        return ImageFiles.decode(png(name), name);
    }

    @Test
    void readsWhatPillowWrote() throws IOException {
        float[] grey = Reference.pattern(0).planes();
        Reference.assertClose("grey", grey, decode("grey").color().planes(), 0.5 / 255 + 1e-6);
        Reference.assertClose("16 bit", grey, decode("grey16").color().planes(), 0.5 / 65535 + 1e-6);
        Reference.assertClose("grey of pair", grey, decode("grey-alpha").color().planes(), 0.5 / 255 + 1e-6);
        float[] rgb = Reference.colors().planes();
        for (String name : new String[] {"rgb", "rgba", "palette"}) {
            Reference.assertClose(name, rgb, decode(name).color().planes(), 0.5 / 255 + 1e-6);
        }
        float[] bits = decode("bits").asMask().planes();
        for (int i = 0; i < bits.length; i++) {
            assertEquals(grey[i] > 0.5f ? 1f : 0f, bits[i]);
        }
    }

    @Test
    void alphaGoesOverWhiteAndMakesMasks() throws IOException {
        Image alpha = Reference.pattern(3);
        for (String name : new String[] {"rgba", "grey-alpha"}) {
            DecodedImage image = decode(name);
            Reference.assertClose(name, alpha.planes(), image.alpha().orElseThrow().planes(), 0.5 / 255 + 1e-6);
            float a = image.alpha().get().at(0, 4, 7);
            assertEquals(image.color().at(0, 4, 7) * a + 1 - a, image.onWhite().at(0, 4, 7), 1e-6);
            assertEquals(1 - a, image.transparency().orElseThrow().at(0, 4, 7));
            assertEquals(a, image.asMask().at(0, 4, 7));
        }
        assertTrue(decode("rgb").transparency().isEmpty());
    }

    @Test
    void opaqueAlphaIsNoMask() {
        Image grey = Reference.pattern(0);
        DecodedImage image = new DecodedImage(grey, Optional.of(Image.filled(1, 9, 13, 1f)));
        assertTrue(image.transparency().isEmpty());
        assertArrayEquals(grey.planes(), image.asMask().planes());
    }

    @Test
    void readsJpegBmpAndGif() throws IOException {
        BufferedImage smooth = new BufferedImage(32, 24, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32 * 24; i++) {
            smooth.setRGB(i % 32, i / 32, i % 32 * 6 << 16 | i / 32 * 8 << 8 | 90);
        }
        for (String format : new String[] {"jpg", "bmp", "gif", "png"}) {
            Path file = folder.resolve("picture." + format);
            assertTrue(ImageIO.write(smooth, format, file.toFile()));
            Image read = ImageFiles.read(file);
            // JPEG and the 256 colours of GIF lose something, the others nothing
            double limit = format.equals("jpg") ? 0.06 : format.equals("gif") ? 0.12 : 0;
            Reference.assertClose(format, AwtImages.fromBuffered(smooth).planes(), read.planes(), limit);
        }
    }

    @Test
    void sixteenBitDepthSurvives() throws IOException {
        Image depth = Image.zeros(1, 4, 5);
        for (int i = 0; i < 20; i++) {
            depth.planes()[i] = (i * 3277 + 1) / 65535f;
        }
        Path file = folder.resolve("depth.png");
        PngWriter.write16(file, depth, Map.of());
        assertArrayEquals(depth.planes(), ImageFiles.readGrey(file).planes());
    }

    @Test
    void refusesHugePicturesBeforeDecoding() throws IOException {
        for (int[] size : new int[][] {{20_000, 10}, {10, 16_385}, {16_000, 16_000}, {Integer.MAX_VALUE, 1}}) {
            byte[] bomb = header(size[0], size[1]);
            String message = assertThrows(IOException.class, () -> ImageFiles.decode(bomb, "bomb.png")).getMessage();
            assertTrue(message.contains("bomb.png") && message.contains(size[0] + "x" + size[1]), message);
        }
    }

    private static byte[] header(int width, int height) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(8 + 25);
        b.putLong(PngEncoder.SIGNATURE).putInt(13).put("IHDR".getBytes()).putInt(width).putInt(height);
        b.put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(b.array(), 12, 17);
        b.putInt((int) crc.getValue());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(b.array());
        return out.toByteArray();
    }

    @Test
    void damagedFilesAreIoExceptions() throws IOException {
        Random random = new Random(7);
        Path jpeg = folder.resolve("a.jpg");
        ImageIO.write(AwtImages.toBuffered(Reference.colors()), "jpg", jpeg.toFile());
        int refused = 0;
        for (byte[] good : new byte[][] {png("rgb"), png("palette"), png("grey16"), Files.readAllBytes(jpeg)}) {
            for (int i = 0; i < 300; i++) {
                byte[] bad = Arrays.copyOf(good, i % 3 == 0 ? random.nextInt(good.length) : good.length);
                for (int k = 0; k < 3 && bad.length > 0; k++) {
                    bad[random.nextInt(bad.length)] = (byte) random.nextInt();
                }
                try {
                    ImageFiles.decode(bad, "bad");
                } catch (IOException e) {
                    refused++;
                    assertTrue(e.getMessage().startsWith("read picture bad: "), e.getMessage());
                }
            }
        }
        assertTrue(refused > 300, "only " + refused + " damaged files were refused");
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        assertMessage(folder.resolve("none.png"), "no such file");
        assertMessage(folder, "found a directory");
        Path text = folder.resolve("text.png");
        Files.writeString(text, "not a picture");
        assertMessage(text, "expected PNG, JPEG, BMP or GIF");
    }

    private static void assertMessage(Path file, String part) {
        String message = assertThrows(IOException.class, () -> ImageFiles.read(file)).getMessage();
        assertTrue(message.contains(part) && message.contains(file.toString()), message);
    }
}
