package org.daguerre.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.text.ClipTokenizer;
import org.daguerre.text.CompositePrompt;
import org.daguerre.text.Emphasis;
import org.daguerre.text.ExtraNetworks;
import org.daguerre.text.PromptChunk;
import org.daguerre.text.PromptChunks;
import org.daguerre.text.PromptSchedule;
import org.daguerre.text.TokenExtensions;
import org.daguerre.text.Weighted;

/** Any text is a prompt: it becomes whole chunks, or its numbers are refused with {@link IllegalArgumentException}. */
public final class PromptTarget {
    private static final int STEPS = 20;

    private static final ClipTokenizer TOKENIZER = ClipTokenizer.builtin();
    private static final TokenExtensions EXTENSIONS = TokenExtensions.none(TOKENIZER.vocabSize()).with("my-style", 3).with("style", 60);

    private PromptTarget() {
    }

    static Stream<byte[]> seeds() {
        return Stream.concat(Corpus.of("prompt").stream(), Stream.of("a (red:1.2) [circle] ((soft)) \\(literal\\) BREAK my-style, style",
            "[a:b:0.5] [c|d|e] [from::3] [:to:7] (x [y|z]:1.1)", "a cat AND a dog :1.2 AND night :-0.3",
            "<lora:name:0.8> <lora:x:te=1:unet=0.5> <hypernet:h:1> text", "caf\u00e9 \u732b \ud83d\ude00 don't 123 !!! &amp;")
            .map(s -> s.getBytes(StandardCharsets.UTF_8)));
    }

    public static void fuzzerTestOneInput(byte[] data) {
        // both ways, so that lone surrogates occur
        read(new String(data, StandardCharsets.UTF_8));
        read(new String(data, StandardCharsets.UTF_16BE));
    }

    private static void read(String text) {
        try {
            ExtraNetworks networks = ExtraNetworks.parse(text);
            for (Weighted part : CompositePrompt.parse(networks.prompt())) {
                PromptSchedule schedule = PromptSchedule.of(part.text(), STEPS);
                assertEquals(STEPS, schedule.spans().get(schedule.spans().size() - 1).endStep());
                schedule.spans().forEach(span -> chunks(span.text()));
            }
            chunks(text);
        } catch (IllegalArgumentException e) {
            // a number that is none: the other good end
        }
    }

    private static void chunks(String text) {
        for (Emphasis mode : List.of(Emphasis.NONE, Emphasis.ORIGINAL)) {
            PromptChunks chunks = PromptChunks.of(TOKENIZER, EXTENSIONS, mode.parse(text), PromptChunks.BACKTRACK);
            assertFalse(chunks.chunks().isEmpty());
            for (PromptChunk chunk : chunks.chunks()) {
                assertEquals(ClipTokenizer.LENGTH, chunk.ids().length);
                assertEquals(ClipTokenizer.LENGTH, chunk.multipliers().length);
            }
        }
    }
}
