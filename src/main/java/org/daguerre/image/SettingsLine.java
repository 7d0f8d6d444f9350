package org.daguerre.image;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The last line of a parameters text: {@code Steps: 20, Sampler: Euler a, Lora hashes: "a: 1, b: 2"}. A value with a
 * comma, colon, line end, or one that could be mistaken for something else is a JSON string. Reading also accepts what
 * other programs leave unquoted: JSON objects and arrays, and bare words (a bare word is its own value).
 */
final class SettingsLine {
    private SettingsLine() {
    }

    static String format(Map<String, String> settings) {
        StringBuilder out = new StringBuilder();
        for (Map.Entry<String, String> e : settings.entrySet()) {
            String key = e.getKey();
            if (key.isEmpty() || !key.equals(key.strip()) || key.matches("(?s).*[,:\"\\p{Cntrl}].*")) {
                throw new IllegalArgumentException("parameters: expected a setting's name without comma, colon, quote"
                        + " or surrounding space, found '" + key + "'");
            }
            out.append(out.isEmpty() ? "" : ", ").append(key).append(": ").append(quote(e.getValue()));
        }
        return out.toString();
    }

    private static String quote(String value) {
        boolean plain = value.equals(value.strip()) && !value.matches("(?s)[\"{\\[].*|.*[,:\\p{Cntrl}].*");
        return plain ? value : JsonText.quote(value);
    }

    static Map<String, String> parse(String line) {
        Map<String, String> out = new LinkedHashMap<>();
        int at = 0;
        while (at < line.length()) {
            int comma = end(line, at, ',');
            int colon = end(line, at, ':');
            if (colon >= comma) {
                String word = line.substring(at, comma).strip();
                if (!word.isEmpty()) {
                    out.put(word, word);
                }
                at = comma + 1;
                continue;
            }
            int start = colon + 1;
            while (start < line.length() && Character.isWhitespace(line.charAt(start))) {
                start++;
            }
            int stop = endOfValue(line, start);
            String raw = line.substring(start, stop).strip();
            out.put(line.substring(at, colon).strip(), JsonText.unquote(raw).orElse(raw));
            at = stop + 1;
        }
        return out;
    }

    /** Index of the comma that ends the value starting at {@code start}, or the length. */
    private static int endOfValue(String line, int start) {
        int literal = JsonText.endOfLiteral(line, start);
        int nested = literal < 0 ? endOfNested(line, start) : literal;
        if (nested >= 0) {
            int comma = end(line, nested, ',');
            if (line.substring(nested, comma).isBlank()) {
                return comma;
            }
        }
        return end(line, start, ',');
    }

    /** Index behind a balanced JSON object or array, or -1. */
    private static int endOfNested(String line, int start) {
        if (start >= line.length() || "{[".indexOf(line.charAt(start)) < 0) {
            return -1;
        }
        int depth = 0;
        for (int i = start; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                int end = JsonText.endOfLiteral(line, i);
                if (end < 0) {
                    return -1;
                }
                i = end - 1;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private static int end(String line, int from, char c) {
        int at = line.indexOf(c, from);
        return at < 0 ? line.length() : at;
    }

    /** Whether a line is a list of settings: three or more with a value, the web UI's rule. */
    static boolean matches(String line) {
        return line.indexOf(':') > 0 && parse(line).entrySet().stream()
                .filter(e -> !e.getKey().equals(e.getValue()) && isName(e.getKey())).count() >= 3;
    }

    /** A setting's name as the web UI recognises it. */
    static boolean isName(String key) {
        return key.matches("\\w[\\w \\-/]+");
    }

    /** The setting {@code Name: value} that takes a whole line, if the line is one. */
    static Optional<Map.Entry<String, String>> whole(String line) {
        int colon = line.indexOf(':');
        if (colon < 0 || !isName(line.substring(0, colon).strip())) {
            return Optional.empty();
        }
        String raw = line.substring(colon + 1).strip();
        return Optional.of(Map.entry(line.substring(0, colon).strip(), JsonText.unquote(raw).orElse(raw)));
    }
}
