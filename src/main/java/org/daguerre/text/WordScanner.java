package org.daguerre.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a prompt into the words that BPE works on, as CLIP does: NFC, lower case, then special tokens, the endings
 * 's 't 're 've 'm 'll 'd, runs of letters, single digits, and runs of anything else that is not white space.
 * Linear in the length of the text, whatever it contains.
 */
final class WordScanner {
    static final String START = "<|startoftext|>";
    static final String END = "<|endoftext|>";

    private static final List<String> FIXED = List.of(START, END, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d");
    /** Longest run of combining marks in well-formed text (Unicode annex 15, stream-safe format). */
    private static final int MAX_MARKS = 30;

    private enum Kind { SPACE, LETTER, NUMBER, OTHER }

    private WordScanner() {
    }

    static List<String> words(String prompt) {
        String text = lowerCase(normalize(prompt));
        List<String> words = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int end = wordEnd(text, at);
            if (kind(text.codePointAt(at)) != Kind.SPACE) {
                words.add(text.substring(at, end));
            }
            at = end;
        }
        return words;
    }

    private static int wordEnd(String text, int at) {
        for (String fixed : FIXED) {
            if (text.startsWith(fixed, at)) {
                return at + fixed.length();
            }
        }
        Kind kind = kind(text.codePointAt(at));
        int end = at;
        do {
            end += Character.charCount(text.codePointAt(end));
        } while (kind != Kind.NUMBER && end < text.length() && kind(text.codePointAt(end)) == kind);
        return end;
    }

    private static Kind kind(int c) {
        if (isSpace(c)) {
            return Kind.SPACE;
        }
        if (Character.isLetter(c)) {
            return Kind.LETTER;
        }
        int type = Character.getType(c);
        boolean number = type == Character.DECIMAL_DIGIT_NUMBER || type == Character.LETTER_NUMBER
            || type == Character.OTHER_NUMBER;
        return number ? Kind.NUMBER : Kind.OTHER;
    }

    /** The Unicode property White_Space, which Java's own methods know only in parts. */
    static boolean isSpace(int c) {
        return c >= 9 && c <= 13 || c == 0x85 || Character.isSpaceChar(c);
    }

    /** Canonical composition; text with absurdly long runs of marks stays, as sorting these takes quadratic time. */
    private static String normalize(String text) {
        int marks = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            marks = isMark(text.codePointAt(i)) ? marks + 1 : 0;
            if (marks > MAX_MARKS) {
                return text;
            }
        }
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK
            || type == Character.ENCLOSING_MARK;
    }

    /** Lower case one character at a time: String.toLowerCase searches the word around each capital sigma. */
    private static String lowerCase(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (c == 0x130) {
                lower.append("i\u0307");
            } else {
                lower.appendCodePoint(Character.toLowerCase(c));
            }
        }
        return lower.toString();
    }
}
