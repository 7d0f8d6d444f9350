package org.daguerre.weights.torch;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.daguerre.weights.CheckpointException;

/** The bytes of a pickle, read with bounds checks. Nothing longer than what is left is ever allocated. */
final class PickleInput {
    private static final int MAX_LONG_BYTES = 128;
    private static final int MAX_LINE = 1 << 16;

    private final Path file;
    private final ByteBuffer bytes;

    PickleInput(Path file, ByteBuffer bytes) {
        this.file = file;
        this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    int position() {
        return bytes.position();
    }

    CheckpointException broken(String expected, String found) {
        return CheckpointException.of(file, expected + " in the pickle at byte " + bytes.position(), found);
    }

    private void need(long count) {
        if (count < 0 || count > bytes.remaining()) {
            throw broken(count + " more bytes", bytes.remaining() + " bytes");
        }
    }

    int u8() {
        need(1);
        return bytes.get() & 0xff;
    }

    int u16() {
        need(2);
        return bytes.getShort() & 0xffff;
    }

    int i32() {
        need(4);
        return bytes.getInt();
    }

    /** Big-endian, unlike everything else. */
    double f64() {
        need(8);
        return Double.longBitsToDouble(Long.reverseBytes(bytes.getLong()));
    }

    long u32() {
        return i32() & 0xffffffffL;
    }

    long i64() {
        need(8);
        return bytes.getLong();
    }

    byte[] bytes(long count) {
        need(count);
        byte[] out = new byte[(int) count];
        bytes.get(out);
        return out;
    }

    String text(long count, Charset charset) {
        return new String(bytes(count), charset);
    }

    String utf8(long count) {
        return text(count, StandardCharsets.UTF_8);
    }

    /** Little-endian two's complement; a Long where it fits. */
    Number integer(long count) {
        if (count > MAX_LONG_BYTES) {
            throw broken("an integer of at most " + MAX_LONG_BYTES + " bytes", count + " bytes");
        }
        byte[] little = bytes(count);
        if (little.length == 0) {
            return 0L;
        }
        for (int i = 0; i < little.length / 2; i++) {
            byte b = little[i];
            little[i] = little[little.length - 1 - i];
            little[little.length - 1 - i] = b;
        }
        return narrow(new BigInteger(little));
    }

    static Number narrow(BigInteger value) {
        if (value.bitLength() < Long.SIZE) {
            return value.longValue();
        }
        return value;
    }

    /** Text up to the next line feed, which is consumed. */
    String line() {
        int start = bytes.position();
        int limit = Math.min(bytes.remaining(), MAX_LINE);
        for (int i = 0; i < limit; i++) {
            if (bytes.get(start + i) == '\n') {
                String line = utf8(i);
                bytes.get();
                return line;
            }
        }
        throw broken("a line", "no line end");
    }

    void skipFrame(long length) {
        need(length);
    }
}
