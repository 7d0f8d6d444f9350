package org.daguerre.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Fills chunks with tokens by the rules of A1111; see {@link PromptChunks}. */
final class ChunkBuilder {
    private static final int SIZE = ClipTokenizer.LENGTH - 2;

    private final ClipTokenizer tokenizer;
    private final int backtrack;
    private final int comma;
    private final List<PromptChunk> done = new ArrayList<>();
    private final int[] ids = new int[SIZE];
    private final float[] multipliers = new float[SIZE];
    private int count;
    /** Position of the last comma in the current chunk, or -1. */
    private int lastComma = -1;

    ChunkBuilder(ClipTokenizer tokenizer, int backtrack) {
        this.tokenizer = tokenizer;
        this.backtrack = backtrack;
        this.comma = tokenizer.single(",").orElse(-1);
    }

    /** Adds tokens that may be parted from one another. */
    void addAll(int[] tokens, float multiplier) {
        for (int token : tokens) {
            if (token == comma) {
                lastComma = count;
            } else {
                backtrackIfFull();
            }
            if (count == SIZE) {
                endChunk();
            }
            put(token, multiplier);
        }
    }

    /** Adds tokens that have to be in one chunk. */
    void addTogether(int[] tokens, float multiplier) {
        backtrackIfFull();
        if (count + tokens.length > SIZE) {
            endChunk();
        }
        for (int token : tokens) {
            put(token, multiplier);
        }
    }

    private void put(int token, float multiplier) {
        ids[count] = token;
        multipliers[count++] = multiplier;
    }

    /** Moves what follows the last comma of a full chunk to the next one, so that a phrase stays together. */
    private void backtrackIfFull() {
        if (count == SIZE && lastComma >= 0 && count - lastComma <= backtrack) {
            int from = lastComma + 1;
            int[] movedIds = Arrays.copyOfRange(ids, from, count);
            float[] movedMultipliers = Arrays.copyOfRange(multipliers, from, count);
            count = from;
            endChunk();
            count = movedIds.length;
            System.arraycopy(movedIds, 0, ids, 0, count);
            System.arraycopy(movedMultipliers, 0, multipliers, 0, count);
        }
    }

    void endChunk() {
        float[] framed = new float[ClipTokenizer.LENGTH];
        Arrays.fill(framed, 1);
        System.arraycopy(multipliers, 0, framed, 1, count);
        done.add(new PromptChunk(tokenizer.frame(ids, count), framed, count));
        count = 0;
        lastComma = -1;
    }

    /** All chunks, at least one. */
    List<PromptChunk> finish() {
        if (count > 0 || done.isEmpty()) {
            endChunk();
        }
        return List.copyOf(done);
    }
}
