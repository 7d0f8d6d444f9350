package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Files of a few bytes that claim to be huge pictures are refused before anything of that size is allocated. */
class LargePicturesTest {
    private static final long HEAP = Runtime.getRuntime().maxMemory();

    @Test
    void sidesBeyondTheLimit() {
        assertTrue(refusal(ImageFiles.MAX_SIDE + 1, 1).contains("16384 pixels a side"));
        assertTrue(refusal(Integer.MAX_VALUE, Integer.MAX_VALUE).contains("megapixels"));
    }

    @Test
    void picturesThatDoNotFitInTheHeap() {
        int side = ImageFiles.MAX_SIDE;
        long pixels = Math.min(ImageFiles.MAX_PIXELS, HEAP / 16);
        String message = refusal(side, (int) (pixels / side));
        assertTrue(message.contains("MiB") || HEAP > 32 * ImageFiles.MAX_PIXELS, message);
    }

    private static String refusal(int width, int height) {
        return assertThrows(IOException.class, () -> ImageFiles.decode(png(width, height), "claim.png")).getMessage();
    }

    /** Signature, header and the beginning of the data. */
    private static byte[] png(int width, int height) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
        chunk(out, "IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0}).array());
        chunk(out, "IDAT", new byte[] {0x78, 1});
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String kind, byte[] body) {
        byte[] type = kind.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(type);
        crc.update(body);
        out.writeBytes(ByteBuffer.allocate(4).putInt(body.length).array());
        out.writeBytes(type);
        out.writeBytes(body);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
