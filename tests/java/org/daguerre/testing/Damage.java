package org.daguerre.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Random damage to the bytes of a file: cut, longer, other bits and numbers, pieces missing. */
public final class Damage {
    /** Bytes that mean something to one of the formats. */
    private static final byte[] MARKS = {'}', ']', '(', '0', '9', '-', '"', 'R', 'c', (byte) 0x81};

    private Damage() {
    }

    /** Up to four changes, more often where the structure is: at the beginning and at the end. */
    public static byte[] of(byte[] original, Random random) {
        byte[] bytes = original.clone();
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 16; i--) {
            int at = place(bytes.length, random);
            switch (random.nextInt(8)) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(64));
                case 2 -> bytes[at] = (byte) random.nextInt(256);
                case 3 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 4 -> putInt(bytes, at, random);
                case 5 -> remove(bytes, at, random.nextInt(16));
                case 6 -> bytes[at] = MARKS[random.nextInt(MARKS.length)];
                default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(32)), (byte) at);
            }
        }
        return bytes;
    }

    private static int place(int length, Random random) {
        int window = Math.min(length, random.nextBoolean() ? 4096 : 256);
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(length);
            case 1 -> length - 1 - random.nextInt(window);
            default -> random.nextInt(window);
        };
    }

    private static void putInt(byte[] bytes, int at, Random random) {
        int[] values = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, bytes.length, random.nextInt()};
        if (at + 4 <= bytes.length) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, values[random.nextInt(values.length)]);
        }
    }

    /** Moves what follows to the left, so that everything behind is out of place. */
    private static void remove(byte[] bytes, int at, int count) {
        int n = Math.min(count, bytes.length - at);
        System.arraycopy(bytes, at + n, bytes, at, bytes.length - at - n);
    }
}
