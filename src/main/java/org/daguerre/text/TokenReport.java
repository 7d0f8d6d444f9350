package org.daguerre.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * How a prompt was cut: for users who ask why a word has no effect.
 *
 * @param tokens number of tokens that come from the prompt
 * @param pieces the text of each chunk as the tokenizer sees it
 */
public record TokenReport(int tokens, List<Piece> pieces) {
    /** One chunk: its number of tokens and their text. */
    public record Piece(int tokens, String text) {
    }

    public TokenReport {
        pieces = List.copyOf(pieces);
    }

    public static TokenReport of(ClipTokenizer tokenizer, TokenExtensions extensions, PromptChunks chunks) {
        List<Piece> pieces = new ArrayList<>();
        for (PromptChunk chunk : chunks.chunks()) {
            pieces.add(new Piece(chunk.count(), text(tokenizer, extensions, chunk.content())));
        }
        return new TokenReport(pieces.stream().mapToInt(Piece::tokens).sum(), pieces);
    }

    private static String text(ClipTokenizer tokenizer, TokenExtensions extensions, int[] ids) {
        StringJoiner text = new StringJoiner(" ");
        int from = 0;
        for (int i = 0; i <= ids.length; i++) {
            Optional<TokenExtensions.Trigger> trigger =
                i < ids.length ? extensions.startingWith(ids[i]) : Optional.empty();
            if (i == ids.length || trigger.isPresent()) {
                String words = tokenizer.decode(Arrays.copyOfRange(ids, from, i));
                if (!words.isEmpty()) {
                    text.add(words);
                }
                trigger.ifPresent(t -> text.add(t.text()));
                from = i;
            }
        }
        return text.toString();
    }

    /** "80 tokens in 2 chunks", then one line for each chunk if there are several. */
    public String describe() {
        StringBuilder lines = new StringBuilder(count(tokens, "token") + " in " + count(pieces.size(), "chunk"));
        for (int i = 0; i < pieces.size() && pieces.size() > 1; i++) {
            Piece piece = pieces.get(i);
            lines.append(String.format("%n  chunk %d (%s): %s", i + 1, count(piece.tokens, "token"), piece.text));
        }
        return lines.toString();
    }

    private static String count(int n, String noun) {
        return n + " " + noun + (n == 1 ? "" : "s");
    }
}
