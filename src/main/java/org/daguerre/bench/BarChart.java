package org.daguerre.bench;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.daguerre.image.AwtImages;
import org.daguerre.image.PngWriter;

/**
 * Horizontal bars with their values, as SVG or PNG: one bar a label and series.
 *
 * @param series names, in the order of each row's values
 * @param rows   from top to bottom
 */
record BarChart(String title, String unit, List<String> series, List<Row> rows) {
    private static final int WIDTH = 960;
    private static final int LABELS = 400;
    private static final int VALUES = 110;
    private static final int BAR = 16;
    private static final int GAP = 8;
    private static final int TOP = 64;
    private static final int TEXT = 13;
    private static final List<String> COLOURS = List.of("#3d6b8e", "#c9802b", "#6b8e3d", "#8e3d6b");

    /** Values of one label, one for each series. */
    record Row(String label, List<Double> values) {
    }

    /** What is drawn: a filled rectangle, or with no width a text that starts at x. */
    private record Mark(double x, double y, double width, String colour, String text, boolean bold) {
    }

    private int height() {
        return TOP + rows.size() * (series.size() * BAR + GAP) + GAP;
    }

    private List<Mark> marks() {
        List<Mark> marks = new ArrayList<>();
        marks.add(new Mark(GAP, 24, 0, "#222222", title, true));
        double x = GAP;
        for (int s = 0; s < series.size() && series.size() > 1; s++) {
            marks.add(new Mark(x, 36, BAR, colour(s), "", false));
            marks.add(new Mark(x + BAR + GAP, 49, 0, "#222222", series.get(s), false));
            x += 2 * BAR + GAP + 8.0 * series.get(s).length();
        }
        double most = rows.stream().flatMap(r -> r.values().stream()).mapToDouble(v -> v).max().orElse(1);
        double y = TOP;
        for (Row row : rows) {
            marks.add(new Mark(GAP, y + TEXT, 0, "#222222", shortened(row.label()), false));
            for (int s = 0; s < row.values().size(); s++) {
                double width = Math.max(1, (WIDTH - LABELS - VALUES) * row.values().get(s) / most);
                marks.add(new Mark(LABELS, y, width, colour(s), "", false));
                marks.add(new Mark(LABELS + width + GAP / 2.0, y + TEXT, 0, "#222222",
                    String.format(Locale.ROOT, "%.4g %s", row.values().get(s), unit), false));
                y += BAR;
            }
            y += GAP;
        }
        return marks;
    }

    private static String colour(int series) {
        return COLOURS.get(series % COLOURS.size());
    }

    private static String shortened(String label) {
        int most = LABELS / 8;
        return label.length() <= most ? label : label.substring(0, most - 1) + "…";
    }

    /** @throws IllegalArgumentException for a name that ends neither with .svg nor .png */
    void write(Path file) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".svg")) {
            Files.writeString(file, svg());
        } else if (name.endsWith(".png")) {
            PngWriter.write(file, AwtImages.fromBuffered(picture()), Map.of());
        } else {
            throw new IllegalArgumentException("chart: expected a name that ends with .svg or .png, found " + file);
        }
    }

    String svg() {
        StringBuilder out = new StringBuilder(String.format(Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
            + "height=\"%d\" font-family=\"sans-serif\" font-size=\"%d\">%n<rect width=\"100%%\" height=\"100%%\" "
            + "fill=\"white\"/>%n", WIDTH,
            height(), TEXT));
        for (Mark m : marks()) {
            out.append(m.width > 0
                ? String.format(Locale.ROOT, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
                    + "fill=\"%s\"/>%n", m.x, m.y, m.width,
                    BAR - 2, m.colour)
                : String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\"%s>%s</text>%n", m.x, m.y,
                m.colour,
                    m.bold ? " font-weight=\"bold\"" : "", escaped(m.text)));
        }
        return out.append("</svg>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private BufferedImage picture() {
        BufferedImage image = new BufferedImage(WIDTH, height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, WIDTH, height());
        for (Mark m : marks()) {
            g.setColor(Color.decode(m.colour));
            if (m.width > 0) {
                g.fillRect((int) m.x, (int) m.y, (int) Math.round(m.width), BAR - 2);
            } else {
                g.setFont(new Font(Font.SANS_SERIF, m.bold ? Font.BOLD : Font.PLAIN, TEXT));
                g.drawString(m.text, (float) m.x, (float) m.y);
            }
        }
        g.dispose();
        return image;
    }
}
