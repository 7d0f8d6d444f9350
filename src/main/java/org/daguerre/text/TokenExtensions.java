package org.daguerre.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Trigger words of textual inversions (Gal et al. 2022, arXiv:2208.01618): each stands for a number of vectors that get
 * ids of their own behind the vocabulary. The text encoder appends the vectors to its embeddings in the same order.
 *
 * <p>A trigger is found in any case and where its ends do not continue a word; the longest one wins. Immutable.
 */
public final class TokenExtensions {
    private static final int MAX_VECTORS = ClipTokenizer.LENGTH - 2;

    private final int firstId;
    private final int nextId;
    /** Longest first. */
    private final List<Trigger> triggers;

    private TokenExtensions(int firstId, int nextId, List<Trigger> triggers) {
        this.firstId = firstId;
        this.nextId = nextId;
        this.triggers = triggers;
    }

    /** A trigger with the ids firstId .. firstId + vectors - 1. */
    public record Trigger(String text, int firstId, int vectors) {
        int[] ids() {
            int[] ids = new int[vectors];
            for (int i = 0; i < vectors; i++) {
                ids[i] = firstId + i;
            }
            return ids;
        }
    }

    /** A stretch of text: either the trigger standing there, or plain text. */
    record Stretch(String text, Optional<Trigger> trigger) {
    }

    /** No triggers yet; the first vector gets the id {@code vocabSize}. */
    public static TokenExtensions none(int vocabSize) {
        return new TokenExtensions(vocabSize, vocabSize, List.of());
    }

    /**
     * Adds a trigger, whose ids follow those given so far.
     *
     * @throws IllegalArgumentException if the word is blank or known, or there are not 1 to 75 vectors
     */
    public TokenExtensions with(String trigger, int vectors) {
        String text = trigger.strip();
        boolean known = triggers.stream().anyMatch(t -> t.text.equalsIgnoreCase(text));
        if (text.isEmpty() || known || vectors < 1 || vectors > MAX_VECTORS) {
            throw new IllegalArgumentException("Add textual inversion: expected a new word with 1 to " + MAX_VECTORS
                + " vectors, found \"" + text + "\" with " + vectors + (known ? ", which exists already" : ""));
        }
        List<Trigger> all = new ArrayList<>(triggers);
        all.add(new Trigger(text, nextId, vectors));
        all.sort(Comparator.comparingInt(t -> -t.text.length()));
        return new TokenExtensions(firstId, nextId + vectors, List.copyOf(all));
    }

    /** Number of vectors of all triggers. */
    public int vectors() {
        return nextId - firstId;
    }

    /** The trigger whose first vector has this id. */
    public Optional<Trigger> startingWith(int id) {
        return triggers.stream().filter(t -> t.firstId == id).findFirst();
    }

    /** Cuts a text at the triggers in it. */
    List<Stretch> split(String text) {
        List<Stretch> stretches = new ArrayList<>();
        int from = 0;
        int at = 0;
        while (at < text.length() && !triggers.isEmpty()) {
            Optional<Trigger> found = at(text, at);
            if (found.isPresent()) {
                stretches.add(new Stretch(text.substring(from, at), Optional.empty()));
                stretches.add(new Stretch(found.get().text, found));
                at += found.get().text.length();
                from = at;
            } else {
                at++;
            }
        }
        stretches.add(new Stretch(text.substring(from), Optional.empty()));
        return stretches;
    }

    private Optional<Trigger> at(String text, int at) {
        for (Trigger trigger : triggers) {
            int length = trigger.text.length();
            if (text.regionMatches(true, at, trigger.text, 0, length)
                && !joins(text, at) && !joins(text, at + length)) {
                return Optional.of(trigger);
            }
        }
        return Optional.empty();
    }

    /** True if the characters on both sides of {@code at} are letters or both are digits. */
    private static boolean joins(String text, int at) {
        if (at == 0 || at == text.length()) {
            return false;
        }
        int left = text.codePointBefore(at);
        int right = text.codePointAt(at);
        return Character.isLetter(left) && Character.isLetter(right)
            || Character.isDigit(left) && Character.isDigit(right);
    }
}
