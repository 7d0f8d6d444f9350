package org.daguerre.cli;

/** Two fractions {@code START-END}. */
record Interval(double start, double end) {
    static Interval parse(String text) {
        int dash = text.indexOf('-', 1);
        try {
            if (dash > 0) {
                return new Interval(Double.parseDouble(text.substring(0, dash)), Double.parseDouble(text.substring(dash + 1)));
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException("expected START-END such as 0.2-0.8, found " + text);
    }
}
