package org.daguerre.model;

import java.util.Arrays;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.text.ClipTokenizer;
import org.daguerre.text.PromptChunks;
import org.daguerre.text.TextEncoder;
import org.daguerre.text.TokenExtensions;
import org.daguerre.text.TokenReport;

/** One tokenizer with its text encoder: a prompt of any length in chunks of 75 tokens, with weights, to features. */
public final class PromptEncoder implements AutoCloseable {
    private final ClipTokenizer tokenizer;
    private final TextEncoder encoder;
    private TokenExtensions extensions;

    public PromptEncoder(ClipTokenizer tokenizer, TextEncoder encoder) {
        this.tokenizer = tokenizer;
        this.encoder = encoder;
        this.extensions = TokenExtensions.none(encoder.config().vocabulary());
    }

    public ClipTokenizer tokenizer() {
        return tokenizer;
    }

    public TextEncoder encoder() {
        return encoder;
    }

    public TokenExtensions extensions() {
        return extensions;
    }

    /** Words of textual inversions with their vectors, [sum of counts * width] in the order of the ids. */
    public void extend(TokenExtensions words, float[] vectors) {
        encoder.extend(vectors);
        extensions = words;
    }

    /**
     * Features of one prompt.
     *
     * @param hidden [length * width]
     * @param pooled of the first chunk, empty if not asked for
     */
    public record Features(float[] hidden, int length, float[] pooled, int[] ids) {
    }

    /** @param skip layers left out at the end; @param norm whether the final norm is applied; @param pool whether to pool */
    public Features encode(Ops parent, String text, PromptSettings s, int skip, boolean norm, boolean pool) {
        PromptChunks chunks = PromptChunks.of(tokenizer, extensions, s.emphasis().parse(text), s.backtrack());
        int[][] ids = chunks.chunks().stream().map(c -> c.ids()).toArray(int[][]::new);
        int[] eos = pool ? chunks.chunks().stream().mapToInt(c -> c.endPosition()).toArray() : null;
        int width = encoder.config().width();
        try (Ops ops = parent.child()) {
            TextEncoder.Output out = encoder.encode(ops, ids, skip, norm, eos, Probe.NONE);
            float[] hidden = ops.download(out.hidden());
            if (chunks.weighted()) {
                hidden = weighted(hidden, chunks, s, width);
            }
            float[] pooled = pool ? ops.download(firstRow(out.pooled())) : new float[0];
            return new Features(hidden, ids.length * ClipTokenizer.LENGTH, pooled, Arrays.stream(ids).flatMapToInt(Arrays::stream)
                .toArray());
        }
    }

    /** How the tokenizer cuts a prompt. */
    public TokenReport report(String text, PromptSettings s) {
        return TokenReport.of(tokenizer, extensions, PromptChunks.of(tokenizer, extensions, s.emphasis().parse(text), s.backtrack()));
    }

    private static Tensor firstRow(Tensor pooled) {
        return pooled.rows(0, 1);
    }

    private static float[] weighted(float[] hidden, PromptChunks chunks, PromptSettings s, int width) {
        float[] all = new float[hidden.length];
        int size = ClipTokenizer.LENGTH * width;
        for (int i = 0; i < chunks.size(); i++) {
            float[] part = Arrays.copyOfRange(hidden, i * size, (i + 1) * size);
            System.arraycopy(s.emphasis().apply(part, chunks.chunks().get(i).multipliers()), 0, all, i * size, size);
        }
        return all;
    }

    @Override
    public void close() {
        encoder.close();
    }
}
