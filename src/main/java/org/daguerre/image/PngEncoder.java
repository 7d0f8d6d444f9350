package org.daguerre.image;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * A picture as PNG (W3C PNG, third edition): 8 or 16 bits a channel, grey or RGB, with text chunks before the pixels.
 * Text that is plain Latin-1 becomes {@code tEXt}, all other text {@code iTXt} in UTF-8, as Pillow writes it.
 */
final class PngEncoder {
    static final long SIGNATURE = 0x89504e470d0a1a0aL;

    private final Image image;
    private final int bytesPerSample;
    private final int pixelBytes;

    PngEncoder(Image image, int bits) {
        if (image.channels() != 1 && image.channels() != 3) {
            throw new IllegalArgumentException("write PNG: expected 1 or 3 channels, found " + image.channels());
        }
        if (bits != 8 && bits != 16) {
            throw new IllegalArgumentException("write PNG: expected 8 or 16 bits a channel, found " + bits);
        }
        this.image = image;
        this.bytesPerSample = bits / 8;
        this.pixelBytes = image.channels() * bytesPerSample;
    }

    byte[] encode(Map<String, String> text) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeLong(SIGNATURE);
            chunk(out, "IHDR", header());
            for (Map.Entry<String, String> e : text.entrySet()) {
                writeText(out, e.getKey(), e.getValue());
            }
            chunk(out, "IDAT", pixels());
            chunk(out, "IEND", new byte[0]);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("write PNG: memory stream failed", e);
        }
    }

    private byte[] header() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(image.width());
        out.writeInt(image.height());
        out.writeByte(8 * bytesPerSample);
        out.writeByte(image.channels() == 1 ? 0 : 2);
        out.write(new byte[3]); // deflate, adaptive filters, not interlaced
        return bytes.toByteArray();
    }

    private static void writeText(DataOutputStream out, String key, String value) throws IOException {
        if (!key.matches("[\\x21-\\x7e](?:[\\x20-\\x7e]{0,77}[\\x21-\\x7e])?")) {
            throw new IllegalArgumentException("write PNG: expected a key of 1 to 79 printable characters, found '"
                    + key + "'");
        }
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("write PNG: the text of '" + key + "' holds a zero character");
        }
        boolean latin = value.chars().allMatch(c -> c == '\n' || c >= 0x20 && c < 0x7f || c >= 0xa0 && c <= 0xff);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(key.getBytes(StandardCharsets.ISO_8859_1));
        // iTXt: separator, compression flag, compression method, empty language tag, empty translated keyword
        bytes.write(new byte[latin ? 1 : 5]);
        bytes.write(value.getBytes(latin ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8));
        chunk(out, latin ? "tEXt" : "iTXt", bytes.toByteArray());
    }

    private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeInt(data.length);
        out.write(name);
        out.write(data);
        out.writeInt((int) crc.getValue());
    }

    private byte[] pixels() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Deflater deflater = new Deflater();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater, 1 << 16)) {
            byte[] above = new byte[pixelBytes * image.width()];
            byte[] row = new byte[above.length];
            byte[] best = new byte[above.length + 1];
            byte[] trial = new byte[above.length + 1];
            for (int y = 0; y < image.height(); y++) {
                readRow(y, row);
                long least = Long.MAX_VALUE;
                for (int filter = 0; filter < 5; filter++) {
                    long cost = filter(filter, row, above, trial);
                    if (cost < least) {
                        least = cost;
                        byte[] swap = best;
                        best = trial;
                        trial = swap;
                    }
                }
                out.write(best);
                byte[] swap = above;
                above = row;
                row = swap;
            }
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    private void readRow(int y, byte[] row) {
        int max = bytesPerSample == 1 ? 255 : 65535;
        for (int c = 0; c < image.channels(); c++) {
            int at = c * bytesPerSample;
            for (int x = 0; x < image.width(); x++, at += pixelBytes) {
                int v = Images.quantise(image, image.index(c, y, x), max);
                if (bytesPerSample == 1) {
                    row[at] = (byte) v;
                } else {
                    row[at] = (byte) (v >> 8);
                    row[at + 1] = (byte) v;
                }
            }
        }
    }

    /** Filters a row (section 9 of the standard) and returns the sum of magnitudes, the usual measure of its cost. */
    private long filter(int type, byte[] row, byte[] above, byte[] out) {
        out[0] = (byte) type;
        long cost = 0;
        for (int i = 0; i < row.length; i++) {
            int left = i < pixelBytes ? 0 : row[i - pixelBytes] & 0xff;
            int up = above[i] & 0xff;
            int upLeft = i < pixelBytes ? 0 : above[i - pixelBytes] & 0xff;
            int guess = switch (type) {
                case 0 -> 0;
                case 1 -> left;
                case 2 -> up;
                case 3 -> (left + up) / 2;
                default -> paeth(left, up, upLeft);
            };
            out[i + 1] = (byte) (row[i] - guess);
            cost += Math.abs(out[i + 1]);
        }
        return cost;
    }

    private static int paeth(int left, int up, int upLeft) {
        int p = left + up - upLeft;
        int dLeft = Math.abs(p - left);
        int dUp = Math.abs(p - up);
        int dUpLeft = Math.abs(p - upLeft);
        if (dLeft <= dUp && dLeft <= dUpLeft) {
            return left;
        }
        return dUp <= dUpLeft ? up : upLeft;
    }
}
