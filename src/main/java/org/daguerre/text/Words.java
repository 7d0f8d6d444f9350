package org.daguerre.text;

/** Finds whole words. */
final class Words {
    private Words() {
    }

    /** Index of {@code word} at or after {@code from}, with no letter, digit or underscore next to it; -1 if none. */
    static int find(String text, String word, int from) {
        int at = text.indexOf(word, from);
        while (at >= 0 && !isWhole(text, at, at + word.length())) {
            at = text.indexOf(word, at + 1);
        }
        return at;
    }

    private static boolean isWhole(String text, int start, int end) {
        return (start == 0 || !isWordPart(text.codePointBefore(start)))
            && (end == text.length() || !isWordPart(text.codePointAt(end)));
    }

    private static boolean isWordPart(int c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }
}
