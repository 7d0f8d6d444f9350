package org.daguerre.text;

/** Numbers as prompts may contain them. */
final class Numbers {
    /** Optional sign, digits with at most one point; no exponent. */
    static final String PLAIN = "[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)";

    private Numbers() {
    }

    /** Reads a plain number that must be finite; {@code what} names it in the message. */
    static double parse(String text, String what) {
        double value = text.matches(PLAIN) ? Double.parseDouble(text) : Double.NaN;
        if (!(Math.abs(value) <= Float.MAX_VALUE)) {
            String shown = text.substring(0, Math.min(text.length(), 40));
            throw new IllegalArgumentException(
                "Read " + what + ": expected a number like 0.8, found \"" + shown + "\"");
        }
        return value;
    }
}
