package org.daguerre.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Two fractions {@code START-END}. */
record Interval(double start, double end) {
    private static final String NUMBER = "(\\d*\\.?\\d+(?:[eE]-?\\d+)?)";
    private static final Pattern FORM = Pattern.compile(NUMBER + "-" + NUMBER);

    static Interval parse(String text) {
        Matcher m = FORM.matcher(text.strip());
        if (m.matches()) {
            return new Interval(Double.parseDouble(m.group(1)), Double.parseDouble(m.group(2)));
        }
        throw new IllegalArgumentException("expected START-END such as 0.2-0.8, found " + text);
    }
}
