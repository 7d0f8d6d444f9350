package org.daguerre.image;

import java.util.List;

/**
 * A contact sheet: pictures in rows on white, optionally with labels above the columns and left of the rows (X/Y plot).
 * Pictures of different sizes are centred in cells of the largest.
 */
public final class Grid {
    private static final int GAP = 4;

    private final int cellWidth;
    private final int cellHeight;
    private final TextPainter painter;

    private Grid(int cellWidth, int cellHeight, TextPainter painter) {
        this.cellWidth = cellWidth;
        this.cellHeight = cellHeight;
        this.painter = painter;
    }

    /** Pictures row by row, {@code columns} in a row. */
    public static Image sheet(List<Image> images, int columns) {
        return labelled(images, columns, List.of(), List.of());
    }

    /** Columns of the sheet closest to a square for a number of pictures. */
    public static int squareColumns(int count) {
        return Math.max(1, (int) Math.ceil(Math.sqrt(count)));
    }

    /**
     * Pictures row by row with labels.
     *
     * @param columnLabels one for each column, or none
     * @param rowLabels one for each row, or none
     */
    public static Image labelled(List<Image> images, int columns, List<String> columnLabels, List<String> rowLabels) {
        int width = images.stream().mapToInt(Image::width).max().orElse(1);
        return labelled(images, columns, columnLabels, rowLabels,
                TextPainter.ofHeight(Math.max(12, Math.min(48, width / 18))));
    }

    static Image labelled(List<Image> images, int columns, List<String> columnLabels, List<String> rowLabels,
            TextPainter painter) {
        int rows = columns < 1 ? 0 : (images.size() + columns - 1) / columns;
        if (rows == 0 || !columnLabels.isEmpty() && columnLabels.size() != columns
                || !rowLabels.isEmpty() && rowLabels.size() != rows) {
            throw new IllegalArgumentException("contact sheet: " + images.size() + " pictures in " + columns
                    + " columns with " + columnLabels.size() + " column and " + rowLabels.size() + " row labels");
        }
        int width = images.stream().mapToInt(Image::width).max().orElseThrow();
        int height = images.stream().mapToInt(Image::height).max().orElseThrow();
        return new Grid(width, height, painter).draw(images, columns, rows, columnLabels, rowLabels);
    }

    private Image draw(List<Image> images, int columns, int rows, List<String> columnLabels, List<String> rowLabels) {
        List<List<String>> heads = columnLabels.stream().map(t -> painter.wrap(t, cellWidth)).toList();
        List<List<String>> sides = rowLabels.stream().map(t -> painter.wrap(t, Math.max(48, cellWidth / 2))).toList();
        int lines = heads.stream().mapToInt(List::size).max().orElse(0);
        int top = lines == 0 ? 0 : lines * painter.lineHeight() + GAP;
        int widest = sides.stream().flatMap(List::stream).mapToInt(painter::width).max().orElse(0);
        int left = widest == 0 ? 0 : widest + 2 * GAP;
        int bottom = top + rows * (cellHeight + GAP) - GAP;
        Image out = Image.filled(3, bottom, left + columns * (cellWidth + GAP) - GAP, 1f);
        for (int i = 0; i < images.size(); i++) {
            Image image = images.get(i).toRgb();
            int x = left + i % columns * (cellWidth + GAP) + (cellWidth - image.width()) / 2;
            int y = top + i / columns * (cellHeight + GAP) + (cellHeight - image.height()) / 2;
            copy(image, out, x, y);
        }
        for (int c = 0; c < heads.size(); c++) {
            write(out, heads.get(c), new Region(left + c * (cellWidth + GAP), 0, cellWidth, Math.max(1, top)));
        }
        for (int r = 0; r < sides.size(); r++) {
            write(out, sides.get(r), new Region(0, top + r * (cellHeight + GAP), Math.max(1, left), cellHeight));
        }
        return out;
    }

    private static void copy(Image from, Image to, int left, int top) {
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < from.height(); y++) {
                int at = to.index(c, top + y, left);
                System.arraycopy(from.planes(), from.index(c, y, 0), to.planes(), at, from.width());
            }
        }
    }

    /** Lines in black, centred in a region; what does not fit is cut off at its edge. */
    private void write(Image out, List<String> lines, Region area) {
        int top = area.y() + Math.max(0, (area.height() - lines.size() * painter.lineHeight()) / 2);
        for (int i = 0; i < lines.size(); i++) {
            Image ink = painter.paint(lines.get(i));
            int left = area.x() + Math.max(0, (area.width() - ink.width()) / 2);
            for (int y = 0; y < ink.height(); y++) {
                for (int x = 0; x < ink.width(); x++) {
                    int ty = top + i * painter.lineHeight() + y;
                    if (left + x < area.right() && ty < area.bottom()) {
                        darken(out, left + x, ty, ink.at(0, y, x));
                    }
                }
            }
        }
    }

    private static void darken(Image out, int x, int y, float ink) {
        for (int c = 0; c < 3; c++) {
            out.planes()[out.index(c, y, x)] *= 1f - ink;
        }
    }
}
