package org.daguerre.text;

import java.util.Arrays;

/**
 * What the text encoder reads at once: 77 token ids (start, up to 75 of the prompt, end, padding), and the weight of
 * each position, 1 where it is not part of the prompt.
 *
 * @param ids [77]; ids behind the vocabulary are vectors of textual inversions
 * @param multipliers [77]
 * @param count number of ids that come from the prompt
 */
public record PromptChunk(int[] ids, float[] multipliers, int count) {
    /** The ids of the prompt, without start, end and padding. */
    public int[] content() {
        return Arrays.copyOfRange(ids, 1, count + 1);
    }

    /** Position of the end token, where SDXL takes its pooled output. */
    public int endPosition() {
        return count + 1;
    }
}
