package org.daguerre.weights.dialect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Shape;

/** The rows of one {@code tests/fixtures/layouts/*.tsv}: the tensors of a real model under both names. */
public record LayoutTable(List<Row> rows) {
    private static final Path FOLDER = Path.of("tests/fixtures/layouts");

    /** Name {@code -} marks a tensor of the original file without a counterpart. */
    public record Row(String name, String shape, String original, String originalShape, String transform) {
        public boolean used() {
            return !name.equals("-");
        }
    }

    public static LayoutTable read(String file) {
        try (var lines = Files.lines(FOLDER.resolve(file + ".tsv"))) {
            return new LayoutTable(lines.skip(1).map(l -> l.split("\t"))
                .map(c -> new Row(c[0], c[1], c[2], c[3], c[4])).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code 320x4x3x3} or {@code scalar}. */
    public static Shape shape(String text) {
        return text.equals("scalar") ? Shape.of()
            : Shape.of(Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray());
    }

    /** All original names and shapes. */
    public Map<String, Shape> originals() {
        Map<String, Shape> map = new LinkedHashMap<>();
        rows.forEach(r -> map.put(r.original(), shape(r.originalShape())));
        return map;
    }

    /** Original names and shapes of the tensors that have a counterpart. */
    public Map<String, Shape> usedOriginals() {
        Map<String, Shape> map = new LinkedHashMap<>();
        rows.stream().filter(Row::used).forEach(r -> map.put(r.original(), shape(r.originalShape())));
        return map;
    }

    /** Diffusers names and shapes. */
    public Map<String, Shape> diffusers() {
        Map<String, Shape> map = new LinkedHashMap<>();
        rows.stream().filter(Row::used).forEach(r -> map.put(r.name(), shape(r.shape())));
        return map;
    }

    /** A checkpoint with these names and shapes and no data. */
    public static ShapesOnly checkpoint(Map<String, Shape> tensors) {
        return new ShapesOnly(tensors, DType.F16);
    }
}
