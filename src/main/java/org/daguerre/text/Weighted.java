package org.daguerre.text;

/** A piece of a prompt with the factor of its attention; {@link #BREAK} asks for a new chunk. */
public record Weighted(String text, double weight) {
    /** Ends the current chunk. Its weight -1 is the mark that A1111 uses. */
    public static final Weighted BREAK = new Weighted("BREAK", -1);

    public boolean isBreak() {
        return equals(BREAK);
    }
}
