package org.daguerre;

import java.util.Locale;

/** Width and height in pixels. */
public record Size(int width, int height) {
    public Size {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("size: expected a width and height of at least 1, found " + width + "x" + height);
        }
    }

    /** @param text {@code WxH}, for example {@code 512x768} */
    public static Size parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("x", -1);
        try {
            if (parts.length == 2) {
                return new Size(Integer.parseInt(parts[0].trim()), Integer.parseInt(parts[1].trim()));
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException("size: expected WIDTHxHEIGHT such as 512x768, found " + text);
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
