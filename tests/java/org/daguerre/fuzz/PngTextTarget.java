package org.daguerre.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.daguerre.image.Image;
import org.daguerre.image.PngText;
import org.daguerre.image.PngWriter;

/** Text chunks of a PNG: raw files, and text chunks with the right length and checksum around the fuzzer's bytes. */
public final class PngTextTarget {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    private static final String[] KINDS = {"tEXt", "zTXt", "iTXt"};

    private PngTextTarget() {
    }

    static Stream<byte[]> seeds() {
        return Corpus.of("pngtext").with(PngWriter.toBytes(Image.zeros(1, 2, 2), Map.of("parameters", "caf\u00e9 \u732b")))
            .with("1parameters\0text".getBytes(StandardCharsets.ISO_8859_1)).with("2k\0\0x\u009cKL\u0004\0\0\u0062\0\u0062".getBytes(StandardCharsets.ISO_8859_1))
            .with("3k\0\0\0en\0w\0caf\u00e9".getBytes(StandardCharsets.UTF_8)).stream();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        boolean chunk = data.length > 0 && data[0] >= '1' && data[0] <= '3';
        try {
            Map<String, String> texts = PngText.read(chunk ? png(data) : data, "fuzzed");
            long bytes = texts.values().stream().mapToLong(String::length).sum();
            assertTrue(bytes <= PngText.MAX_TEXT, bytes + " characters");
        } catch (IOException e) {
            // refused: the other good end
        }
    }

    private static byte[] png(byte[] data) {
        byte[] body = new byte[data.length - 1];
        System.arraycopy(data, 1, body, 0, body.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        chunk(out, KINDS[data[0] - '1'], body);
        chunk(out, "IEND", new byte[0]);
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
