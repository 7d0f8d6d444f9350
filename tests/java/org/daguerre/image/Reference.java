package org.daguerre.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What other programs make of {@link #pattern}; see tests/fixtures/image/make_reference.py. */
final class Reference {
    static final int WIDTH = 13;
    static final int HEIGHT = 9;

    private Reference() {
    }

    /** The words of each line that starts with {@code kind}, without that word. */
    static List<String[]> lines(String kind) {
        try (var lines = Files.lines(Path.of("tests/fixtures/image/reference.txt"))) {
            List<String[]> found = lines.map(l -> l.split(" ")).filter(w -> w[0].equals(kind))
                    .map(w -> Arrays.copyOfRange(w, 1, w.length)).toList();
            if (found.isEmpty()) {
                throw new IllegalStateException("no reference of kind " + kind);
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static float[] floats(String[] words, int from) {
        float[] out = new float[words.length - from];
        for (int i = 0; i < out.length; i++) {
            out[i] = Float.parseFloat(words[from + i]);
        }
        return out;
    }

    /** One channel of the pattern all references are made from; values k / 31. */
    static Image pattern(int channel) {
        Image out = Image.zeros(1, HEIGHT, WIDTH);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                out.planes()[out.index(0, y, x)] = (x * 7 + y * 13 + channel * 29 + x * y) % 32 / 31f;
            }
        }
        return out;
    }

    /** Three channels of the pattern. */
    static Image colors() {
        Image out = Image.zeros(3, HEIGHT, WIDTH);
        for (int c = 0; c < 3; c++) {
            System.arraycopy(pattern(c).planes(), 0, out.planes(), c * HEIGHT * WIDTH, HEIGHT * WIDTH);
        }
        return out;
    }

    /** Fails unless all values are closer than {@code limit}; NaN fails. */
    static void assertClose(String what, float[] expected, float[] found, double limit) {
        double diff = Metrics.maxAbs(found, expected);
        if (!(diff <= limit)) {
            throw new AssertionError(what + ": largest difference " + diff + ", limit " + limit);
        }
    }
}
