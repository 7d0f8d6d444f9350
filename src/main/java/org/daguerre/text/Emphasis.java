package org.daguerre.text;

import java.util.List;

/** What the weights of a prompt do to the output of the text encoder (the "Emphasis mode" of A1111). */
public enum Emphasis {
    /** Brackets are plain text. */
    NONE,
    /** Brackets are read, their weights are not used. */
    IGNORE,
    /** Outputs are multiplied by their weights, then the whole chunk is scaled back to its mean. */
    ORIGINAL,
    /** Outputs are multiplied by their weights. */
    NO_NORM;

    /** The pieces of a prompt under this mode. */
    public List<Weighted> parse(String prompt) {
        return this == NONE ? List.of(new Weighted(prompt, 1)) : PromptParser.attention(prompt);
    }

    /**
     * Weighs the encoder output of one chunk; the input is not changed.
     *
     * @param hidden [L, D], row-major
     * @param multipliers [L]
     * @return [L, D]
     */
    public float[] apply(float[] hidden, float[] multipliers) {
        if (multipliers.length == 0 || hidden.length % multipliers.length != 0) {
            throw new IllegalArgumentException("Weigh prompt: expected one multiplier per row, found "
                + multipliers.length + " for " + hidden.length + " values");
        }
        float[] weighed = hidden.clone();
        if (this == NONE || this == IGNORE) {
            return weighed;
        }
        int width = hidden.length / multipliers.length;
        for (int i = 0; i < hidden.length; i++) {
            weighed[i] *= multipliers[i / width];
        }
        if (this == ORIGINAL) {
            restoreMean(weighed, sum(hidden));
        }
        return weighed;
    }

    /** A chunk whose weights are all zero has no mean to restore and stays as it is. */
    private static void restoreMean(float[] values, double sumBefore) {
        float ratio = (float) (sumBefore / sum(values));
        if (Float.isFinite(ratio)) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= ratio;
            }
        }
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }
}
