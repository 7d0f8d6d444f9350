package org.daguerre.adapter;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.text.TokenExtensions;

/**
 * The textual inversions of one request: for each text encoder the ids of the new words and the vectors behind them.
 */
public final class LearnedWords {
    private record Word(String trigger, TextualInversion inversion) {
    }

    private final List<Word> words = new ArrayList<>();

    /** @param trigger what stands for it in prompts; empty takes the name of the inversion */
    public LearnedWords add(String trigger, TextualInversion inversion) {
        words.add(new Word(trigger.isBlank() ? inversion.name() : trigger, inversion));
        return this;
    }

    /** @param vocabulary size of the encoder's vocabulary, which the new ids follow */
    public TokenExtensions extensions(int vocabulary) {
        TokenExtensions all = TokenExtensions.none(vocabulary);
        for (Word w : words) {
            all = all.with(w.trigger, w.inversion.vectors());
        }
        return all;
    }

    /**
     * The vectors in the order of the ids.
     *
     * @param encoder 0 for {@code text_encoder}, 1 for {@code text_encoder_2}
     * @param width   of that encoder
     */
    public float[] vectors(int encoder, int width) {
        List<float[]> parts = words.stream().map(w -> w.inversion.forEncoder(encoder, width)).toList();
        float[] all = new float[parts.stream().mapToInt(p -> p.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
