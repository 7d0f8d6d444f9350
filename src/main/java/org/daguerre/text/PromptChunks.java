package org.daguerre.text;

import java.util.ArrayList;
import java.util.List;

/**
 * A prompt of any length as chunks of 75 tokens, as A1111 does it. The encoder runs once per chunk and the outputs are
 * joined along the tokens. {@code BREAK} ends a chunk early, and so do vectors of a textual inversion that do not fit;
 * and if a chunk runs full at most {@code backtrack} tokens behind a comma, these tokens move to the next one.
 */
public record PromptChunks(List<PromptChunk> chunks) {
    /** A1111's default of how far to look back for a comma; 0 never looks. */
    public static final int BACKTRACK = 20;

    public PromptChunks {
        chunks = List.copyOf(chunks);
    }

    /** Chunks of a prompt without textual inversions, in A1111's default settings. */
    public static PromptChunks of(ClipTokenizer tokenizer, String prompt) {
        return of(tokenizer, TokenExtensions.none(tokenizer.vocabSize()), PromptParser.attention(prompt), BACKTRACK);
    }

    /**
     * Chunks of a parsed prompt, at least one.
     *
     * @param parts from {@link Emphasis#parse}
     * @param backtrack 0 to 75
     */
    public static PromptChunks of(ClipTokenizer tokenizer, TokenExtensions extensions, List<Weighted> parts,
                                  int backtrack) {
        if (backtrack < 0 || backtrack > ClipTokenizer.LENGTH - 2) {
            throw new IllegalArgumentException("Cut prompt: expected to look back 0 to 75 tokens, found " + backtrack);
        }
        ChunkBuilder builder = new ChunkBuilder(tokenizer, backtrack);
        for (Weighted part : parts) {
            if (part.isBreak()) {
                builder.endChunk();
                continue;
            }
            float weight = (float) part.weight();
            for (TokenExtensions.Stretch stretch : extensions.split(part.text())) {
                stretch.trigger().ifPresentOrElse(
                    trigger -> builder.addTogether(trigger.ids(), weight),
                    () -> builder.addAll(tokenizer.encode(stretch.text()), weight));
            }
        }
        return new PromptChunks(builder.finish());
    }

    /** These chunks and empty ones up to {@code count}, so that prompt and negative prompt are equally long. */
    public PromptChunks padTo(int count, ClipTokenizer tokenizer) {
        List<PromptChunk> padded = new ArrayList<>(chunks);
        while (padded.size() < count) {
            padded.addAll(new ChunkBuilder(tokenizer, 0).finish());
        }
        return new PromptChunks(padded);
    }

    public int size() {
        return chunks.size();
    }

    /** True if any token has a weight other than 1. */
    public boolean weighted() {
        for (PromptChunk chunk : chunks) {
            for (float multiplier : chunk.multipliers()) {
                if (multiplier != 1) {
                    return true;
                }
            }
        }
        return false;
    }
}
