package org.daguerre.image;

import java.util.Optional;

/**
 * One JSON string literal, written as Python's {@code json.dumps(text, ensure_ascii=False)} writes it, and read back.
 */
final class JsonText {
    private static final String SHORT = "\"\\/bfnrt";
    private static final String MEANING = "\"\\/\b\f\n\r\t";

    private JsonText() {
    }

    static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int known = MEANING.indexOf(c);
            if (known >= 0 && c != '/') {
                out.append('\\').append(SHORT.charAt(known));
            } else if (c < 0x20) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /** The text of a complete literal, or nothing where {@code literal} is not one. */
    static Optional<String> unquote(String literal) {
        if (literal.isEmpty() || endOfLiteral(literal, 0) != literal.length()) {
            return Optional.empty();
        }
        StringBuilder out = new StringBuilder(literal.length());
        for (int i = 1; i < literal.length() - 1; i++) {
            char c = literal.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escape = literal.charAt(++i);
            int known = SHORT.indexOf(escape);
            if (known >= 0) {
                out.append(MEANING.charAt(known));
            } else if (escape == 'u' && isHex(literal, i + 1)) {
                out.append((char) Integer.parseInt(literal, i + 1, i + 5, 16));
                i += 4;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(out.toString());
    }

    /** Index behind the literal that starts at {@code start}, or -1 where there is none or it does not end. */
    static int endOfLiteral(String text, int start) {
        if (start >= text.length() || text.charAt(start) != '"') {
            return -1;
        }
        for (int i = start + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                return i + 1;
            }
            if (c == '\\') {
                i++;
            }
        }
        return -1;
    }

    private static boolean isHex(String text, int from) {
        if (from + 4 > text.length()) {
            return false;
        }
        for (int i = from; i < from + 4; i++) {
            if (Character.digit(text.charAt(i), 16) < 0 || text.charAt(i) > 'f') {
                return false;
            }
        }
        return true;
    }
}
