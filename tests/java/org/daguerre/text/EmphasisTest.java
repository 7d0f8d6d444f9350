package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmphasisTest {
    private static final float[] HIDDEN = {1, 2, 3, -1, 4, 3};
    private static final float[] WEIGHTS = {1, 2, 0.5f};

    @Test
    void weighs() {
        float[] weighed = {1, 2, 6, -2, 2, 1.5f};
        assertArrayEquals(weighed, Emphasis.NO_NORM.apply(HIDDEN, WEIGHTS));
        float ratio = 12 / 10.5f;
        for (int i = 0; i < weighed.length; i++) {
            weighed[i] *= ratio;
        }
        assertArrayEquals(weighed, Emphasis.ORIGINAL.apply(HIDDEN, WEIGHTS), 1e-6f);
        assertArrayEquals(HIDDEN, Emphasis.IGNORE.apply(HIDDEN, WEIGHTS));
        assertArrayEquals(HIDDEN, Emphasis.NONE.apply(HIDDEN, WEIGHTS));
        assertArrayEquals(new float[] {1, 2, 3, -1, 4, 3}, HIDDEN, "the input is not changed");
    }

    /** The reference has only weighed outputs, so the plain ones are recovered by division. */
    @Test
    void restoresTheMeanAsTheReference() throws IOException {
        Path file = TextFixtures.ROOT.resolve("tiny-sd1/weighted.safetensors");
        JsonNode cases = TextFixtures.json("tiny-sd1/weighted.json");
        for (int i = 0; i < cases.size(); i++) {
            float[] expected = TensorFile.floats(file, i + "/context_mean_restored");
            float[] weighed = TensorFile.floats(file, i + "/context_no_norm");
            JsonNode chunks = cases.get(i).get("chunks");
            int size = expected.length / chunks.size();
            for (int c = 0; c < chunks.size(); c++) {
                float[] multipliers = TextFixtures.floats(chunks.get(c).get("multipliers"));
                float[] hidden = Arrays.copyOfRange(weighed, c * size, (c + 1) * size);
                for (int k = 0; k < size; k++) {
                    hidden[k] /= multipliers[k * multipliers.length / size];
                }
                assertClose(Arrays.copyOfRange(expected, c * size, (c + 1) * size),
                    Emphasis.ORIGINAL.apply(hidden, multipliers), "case " + i + " chunk " + c);
                assertClose(Arrays.copyOfRange(weighed, c * size, (c + 1) * size),
                    Emphasis.NO_NORM.apply(hidden, multipliers), "case " + i + " chunk " + c);
            }
        }
    }

    private static void assertClose(float[] expected, float[] actual, String what) {
        for (int i = 0; i < expected.length; i++) {
            float limit = 1e-5f + 1e-4f * Math.abs(expected[i]);
            if (!(Math.abs(expected[i] - actual[i]) <= limit)) {
                fail(what + ", index " + i + ": expected " + expected[i] + ", found " + actual[i]);
            }
        }
    }

    @Test
    void zeroWeightsHaveNoMean() {
        assertArrayEquals(new float[6], Emphasis.ORIGINAL.apply(HIDDEN, new float[3]), 1e-9f);
    }

    @Test
    void onlyNoneReadsBracketsAsText() {
        assertEquals(List.of(new Weighted("(a) BREAK", 1)), Emphasis.NONE.parse("(a) BREAK"));
        for (Emphasis mode : List.of(Emphasis.IGNORE, Emphasis.ORIGINAL, Emphasis.NO_NORM)) {
            assertEquals(PromptParser.attention("(a) BREAK"), mode.parse("(a) BREAK"));
        }
    }

    @Test
    void rowsAndMultipliersMustFit() {
        assertThrows(IllegalArgumentException.class, () -> Emphasis.ORIGINAL.apply(HIDDEN, new float[4]));
        assertThrows(IllegalArgumentException.class, () -> Emphasis.ORIGINAL.apply(HIDDEN, new float[0]));
    }
}
