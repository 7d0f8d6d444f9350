package org.daguerre.text;

import java.util.Arrays;

/**
 * The printable characters that stand for the 256 byte values in byte-level BPE files (Radford et al. 2019).
 * Printable Latin-1 bytes stand for themselves, the other 68 are U+0100, U+0101, ... in order.
 */
final class ByteAlphabet {
    /** Marks the last symbol of a word. */
    static final String END_OF_WORD = "</w>";

    private static final int EXTRA = 68;
    private static final char[] CHAR_OF_BYTE = new char[256];
    private static final short[] BYTE_OF_CHAR = new short[256 + EXTRA];

    static {
        Arrays.fill(BYTE_OF_CHAR, (short) -1);
        int extra = 0;
        for (int b = 0; b < 256; b++) {
            CHAR_OF_BYTE[b] = (char) (printable(b) ? b : 256 + extra++);
            BYTE_OF_CHAR[CHAR_OF_BYTE[b]] = (short) b;
        }
    }

    private ByteAlphabet() {
    }

    private static boolean printable(int b) {
        return b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
    }

    static char character(int unsignedByte) {
        return CHAR_OF_BYTE[unsignedByte];
    }

    /** The byte that {@code c} stands for, or -1. */
    static int unsignedByte(char c) {
        return c < BYTE_OF_CHAR.length ? BYTE_OF_CHAR[c] : -1;
    }

    /** All 256 characters in vocabulary order: first those that stand for themselves, then the substitutes. */
    static char[] vocabularyOrder() {
        char[] order = new char[256];
        int n = 0;
        for (char c = 0; c < BYTE_OF_CHAR.length; c++) {
            if (BYTE_OF_CHAR[c] >= 0) {
                order[n++] = c;
            }
        }
        return order;
    }
}
