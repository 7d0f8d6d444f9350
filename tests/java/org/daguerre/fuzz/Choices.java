package org.daguerre.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Decisions read from a fuzzer's bytes, one after the other; when they are used up everything is 0. */
final class Choices {
    private final byte[] data;
    private int at;

    Choices(byte[] data) {
        this.data = data;
    }

    boolean left() {
        return at < data.length;
    }

    int next() {
        return left() ? data[at++] & 0xff : 0;
    }

    /** 0 to bound - 1. */
    int below(int bound) {
        int value = bound > 256 ? next() << 8 | next() : next();
        return value % bound;
    }

    /** The next bytes, as far as there are that many. */
    byte[] take(int count) {
        byte[] part = Arrays.copyOfRange(data, at, Math.min(data.length, at + count));
        at += part.length;
        return part;
    }

    byte[] rest() {
        return take(data.length - at);
    }

    /** Up to the next byte 0, which is dropped. */
    byte[] part() {
        int end = at;
        while (end < data.length && data[end] != 0) {
            end++;
        }
        byte[] part = take(end - at);
        at = Math.min(data.length, end + 1);
        return part;
    }

    String text() {
        return new String(rest(), StandardCharsets.UTF_8);
    }
}
