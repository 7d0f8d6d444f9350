package org.daguerre.model;

import org.daguerre.text.Emphasis;
import org.daguerre.text.PromptChunks;

/**
 * How a prompt is read.
 *
 * @param emphasis  what weights such as {@code (a:1.3)} do
 * @param clipSkip  layer of the encoder as A1111 counts (1 = last), 0 for the model's own choice
 * @param backtrack tokens to look back for a comma where a chunk runs full
 */
public record PromptSettings(Emphasis emphasis, int clipSkip, int backtrack) {
    public static final PromptSettings DEFAULT = new PromptSettings(Emphasis.ORIGINAL, 0, PromptChunks.BACKTRACK);

    public PromptSettings withClipSkip(int n) {
        return new PromptSettings(emphasis, n, backtrack);
    }
}
