package org.daguerre.image;

import java.util.ArrayList;
import java.util.List;

/** Draws single lines of text for labels. */
public interface TextPainter {
    /** Rows of pixels of one line. */
    int lineHeight();

    /** Columns of pixels of a line. */
    int width(String line);

    /** A line as ink, one channel, 1 = covered, {@link #width} by {@link #lineHeight}; the line is not empty. */
    Image paint(String line);

    /**
     * A painter for letters about {@code pixels} high: a system font, or, where this Java has no fonts, built-in
     * letters.
     */
    static TextPainter ofHeight(int pixels) {
        return SystemText.ofHeight(pixels).orElseGet(() -> new BuiltInText(Math.max(1, pixels / BuiltInText.ROWS)));
    }

    /**
     * A text in lines that are at most {@code maxWidth} wide, broken at spaces, and inside a word where it is too long.
     */
    default List<String> wrap(String text, int maxWidth) {
        List<String> lines = new ArrayList<>();
        for (String paragraph : text.split("\n")) {
            String line = "";
            for (String word : paragraph.strip().split("\\s+")) {
                String longer = line.isEmpty() ? word : line + " " + word;
                if (line.isEmpty() || width(longer) <= maxWidth) {
                    line = longer;
                } else {
                    lines.add(line);
                    line = word;
                }
                while (line.codePointCount(0, line.length()) > 1 && width(line) > maxWidth) {
                    int cut = line.offsetByCodePoints(0, 1);
                    while (width(line.substring(0, line.offsetByCodePoints(cut, 1))) <= maxWidth) {
                        cut = line.offsetByCodePoints(cut, 1);
                    }
                    lines.add(line.substring(0, cut));
                    line = line.substring(cut);
                }
            }
            if (!line.isEmpty()) {
                lines.add(line);
            }
        }
        return lines;
    }
}
