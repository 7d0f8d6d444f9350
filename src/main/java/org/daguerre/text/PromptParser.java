package org.daguerre.text;

import java.util.ArrayList;
import java.util.List;

/**
 * The attention syntax of AUTOMATIC1111's web UI: {@code (a)} multiplies the weight of a by 1.1, {@code [a]} divides
 * it, {@code (a:1.3)} multiplies it by 1.3, a backslash makes the next bracket text, and {@code BREAK} ends a chunk.
 * Brackets left open last to the end, stray closing ones are text.
 *
 * <p>Two differences: BREAK also works inside brackets, and a weight that is no number, {@code (a:1.2.3)}, is text.
 */
public final class PromptParser {
    private static final double STEP = 1.1;
    /** A closing bracket visits all pieces in it, so this bounds the time per piece; 1.1^1000 is no float any more. */
    private static final int MAX_DEPTH = 1000;

    private final String text;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<Integer> round = new ArrayList<>();
    private final List<Integer> square = new ArrayList<>();

    private PromptParser(String text) {
        this.text = text;
    }

    /** A piece before its brackets are closed: its weight still changes. */
    private static final class Piece {
        final String text;
        final boolean isBreak;
        double weight = 1;

        Piece(String text, boolean isBreak) {
            this.text = text;
            this.isBreak = isBreak;
        }
    }

    /**
     * Splits a prompt into pieces of equal weight, at least one. Neighbours of equal weight are one piece.
     *
     * @throws IllegalArgumentException if brackets are nested more than 1000 deep or a weight is too large for a float
     */
    public static List<Weighted> attention(String prompt) {
        PromptParser parser = new PromptParser(prompt);
        int at = 0;
        while (at < prompt.length()) {
            at = parser.step(at);
        }
        parser.closeAll();
        return parser.merged();
    }

    /** Reads one element at {@code at} and returns where the next one begins. */
    private int step(int at) {
        char c = text.charAt(at);
        switch (c) {
            case '\\':
                return escape(at);
            case '(':
                return open(round, at);
            case '[':
                return open(square, at);
            case ')':
                return close(round, STEP, at);
            case ']':
                return close(square, 1 / STEP, at);
            case ':':
                return colon(at);
            default:
                int end = at + 1;
                while (end < text.length() && "\\()[]:".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                addRun(text.substring(at, end));
                return end;
        }
    }

    private int escape(int at) {
        boolean escapes = at + 1 < text.length() && "\\()[]".indexOf(text.charAt(at + 1)) >= 0;
        int end = escapes ? at + 2 : at + 1;
        add(text.substring(at + 1, end));
        return end;
    }

    private int open(List<Integer> brackets, int at) {
        if (round.size() + square.size() == MAX_DEPTH) {
            throw new IllegalArgumentException(
                "Read prompt: expected brackets at most " + MAX_DEPTH + " deep, found more at character " + at);
        }
        brackets.add(pieces.size());
        return at + 1;
    }

    private int close(List<Integer> brackets, double factor, int at) {
        if (brackets.isEmpty()) {
            add(text.substring(at, at + 1));
        } else {
            scale(brackets.remove(brackets.size() - 1), factor);
        }
        return at + 1;
    }

    /** {@code :1.3)} closes a round bracket; any other colon is text. */
    private int colon(int at) {
        int start = skipSpace(at + 1);
        int end = start;
        while (end < text.length() && (isDigitOrPoint(text.charAt(end)) || end == start && isSign(text.charAt(end)))) {
            end++;
        }
        int closing = skipSpace(end);
        boolean closes = end > start && closing < text.length() && text.charAt(closing) == ')' && !round.isEmpty();
        String number = text.substring(start, end);
        if (!closes || !number.matches(Numbers.PLAIN)) {
            add(":");
            return at + 1;
        }
        return close(round, Double.parseDouble(number), closing);
    }

    private int skipSpace(int at) {
        int i = at;
        while (i < text.length() && WordScanner.isSpace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isDigitOrPoint(char c) {
        return c >= '0' && c <= '9' || c == '.';
    }

    private static boolean isSign(char c) {
        return c == '+' || c == '-';
    }

    private void closeAll() {
        round.forEach(from -> scale(from, STEP));
        square.forEach(from -> scale(from, 1 / STEP));
    }

    private void scale(int from, double factor) {
        for (Piece piece : pieces.subList(from, pieces.size())) {
            piece.weight *= factor;
        }
    }

    private void add(String run) {
        pieces.add(new Piece(run, false));
    }

    /** Adds text, with a break for each whole word BREAK; white space around the word goes with it. */
    private void addRun(String run) {
        int from = 0;
        for (int at = Words.find(run, "BREAK", 0); at >= 0; at = Words.find(run, "BREAK", from)) {
            add(run.substring(from, Math.max(from, endOfText(run, at))));
            pieces.add(new Piece("BREAK", true));
            from = at + "BREAK".length();
            while (from < run.length() && WordScanner.isSpace(run.charAt(from))) {
                from++;
            }
        }
        add(run.substring(from));
    }

    private static int endOfText(String run, int end) {
        int i = end;
        while (i > 0 && WordScanner.isSpace(run.charAt(i - 1))) {
            i--;
        }
        return i;
    }

    private List<Weighted> merged() {
        List<Weighted> parts = new ArrayList<>();
        int at = 0;
        while (at < pieces.size()) {
            Piece first = pieces.get(at);
            StringBuilder joined = new StringBuilder();
            int end = at;
            while (end < pieces.size() && pieces.get(end).weight == first.weight && !pieces.get(end).isBreak) {
                joined.append(pieces.get(end++).text);
            }
            if (first.isBreak) {
                parts.add(Weighted.BREAK);
                at++;
            } else {
                parts.add(checked(joined.toString(), first.weight));
                at = end;
            }
        }
        return parts.isEmpty() ? List.of(new Weighted("", 1)) : parts;
    }

    private static Weighted checked(String text, double weight) {
        if (!(Math.abs(weight) <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("Read prompt: expected a weight that is a float, found " + weight
                + " for \"" + text.substring(0, Math.min(text.length(), 40)) + "\"");
        }
        return new Weighted(text, weight);
    }
}
