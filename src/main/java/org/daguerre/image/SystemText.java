package org.daguerre.image;

import java.awt.AWTError;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Optional;

/** Letters of the system's sans serif font, drawn by java.awt without a display. */
final class SystemText implements TextPainter {
    private final Font font;
    private final FontMetrics metrics;

    private SystemText(int pixels) {
        font = new Font(Font.SANS_SERIF, Font.PLAIN, pixels);
        Graphics2D g = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY).createGraphics();
        metrics = g.getFontMetrics(font);
        g.dispose();
    }

    /** A painter, or nothing where this Java cannot draw text: no fonts, no fontconfig, a display that is not there. */
    static Optional<TextPainter> ofHeight(int pixels) {
        try {
            SystemText text = new SystemText(pixels);
            for (float ink : text.paint("Ag").planes()) {
                if (ink > 0.5f) {
                    return Optional.of(text);
                }
            }
            return Optional.empty();
        } catch (Exception | LinkageError | InternalError | AWTError e) {
            // java.awt reports missing libraries and fonts with any of these, and not always with the same one twice
            return Optional.empty();
        }
    }

    @Override
    public int lineHeight() {
        return metrics.getHeight();
    }

    @Override
    public int width(String line) {
        return metrics.stringWidth(line);
    }

    @Override
    public Image paint(String line) {
        BufferedImage canvas = new BufferedImage(Math.max(1, width(line)), lineHeight(), BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D g = canvas.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setFont(font);
        g.setColor(Color.WHITE);
        g.drawString(line, 0, metrics.getAscent());
        g.dispose();
        return AwtImages.fromBuffered(canvas);
    }
}
