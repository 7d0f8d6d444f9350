package org.daguerre.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One axis of an X/Y plot.
 *
 * @param option name of an option without hyphens, or {@code prompt}: values that replace the first one in the prompt
 * @param values in the order of the plot
 */
record Axis(String option, List<String> values) {
    private static final String PROMPT = "prompt";
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})\\.\\.(\\d{1,9})");
    private static final int MOST = 100;

    /** {@code OPTION=A,B,C}; a comma within a value is written {@code \,}; {@code 1..4} counts. */
    static Axis parse(String text) {
        int at = text.indexOf('=');
        if (at < 1 || at == text.length() - 1) {
            throw new IllegalArgumentException("expected OPTION=VALUE,VALUE such as steps=5,10,20, found " + text);
        }
        List<String> values = new ArrayList<>();
        for (String value : text.substring(at + 1).split("(?<!\\\\),", -1)) {
            String plain = value.replace("\\,", ",").strip();
            Matcher range = RANGE.matcher(plain);
            if (range.matches()) {
                for (long i = Long.parseLong(range.group(1)); i <= Long.parseLong(range.group(2))
                    && values.size() <= MOST; i++) {
                    values.add(String.valueOf(i));
                }
            } else {
                values.add(plain);
            }
        }
        if (values.isEmpty() || values.size() > MOST) {
            throw new IllegalArgumentException("expected 1 to " + MOST + " values, found " + values.size());
        }
        return new Axis(text.substring(0, at).strip().replaceFirst("^-+", ""), List.copyOf(values));
    }

    List<String> labels() {
        return values.stream().map(v -> option.equals(PROMPT) ? v : option + " " + v).toList();
    }

    /** The value as an argument. */
    Optional<String> argument(String value) {
        return option.equals(PROMPT) ? Optional.empty() : Optional.of("--" + option + "=" + value);
    }

    /** The prompt with the value in it. */
    String prompt(String text, String value) {
        if (!option.equals(PROMPT)) {
            return text;
        }
        if (!text.contains(values.get(0))) {
            throw new IllegalArgumentException("axis prompt: expected a first value that the prompt contains, found "
                + values.get(0));
        }
        return text.replace(values.get(0), value);
    }
}
