package org.daguerre.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.daguerre.testing.MapCheckpoint;

/** Checkpoints that have real tensors' names, but not their shapes: decoded from a fuzzer's bytes. */
final class MadeCheckpoint {
    private static final int[] SIZES = {1, 2, 3, 4, 5, 8, 9, 12, 16, 32, 48, 64, 0, 7};
    private static final int MAX_TENSORS = 400;
    private static final int MAX_VALUES = 1 << 14;

    private MadeCheckpoint() {
    }

    /** Names in the columns {@code columns} of a table of layouts. */
    static List<String> names(String table, int... columns) {
        try (var lines = Files.lines(Path.of("tests/fixtures/layouts", table + ".tsv"))) {
            return lines.skip(1).map(l -> l.split("\t"))
                .flatMap(c -> Arrays.stream(columns).filter(i -> i < c.length).mapToObj(i -> c[i])).filter(n -> n.length() > 1).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Per tensor two bytes for the name, one for the rank, one for each side; names that follow each other come with one byte. */
    static MapCheckpoint read(Choices choices, List<String> names) {
        MapCheckpoint made = new MapCheckpoint();
        int at = 0;
        for (int i = 0; i < MAX_TENSORS && choices.left(); i++) {
            int jump = choices.next();
            at = (jump < 200 ? at + 1 : choices.below(names.size())) % names.size();
            int[] dims = new int[jump % 5];
            long count = 1;
            for (int d = 0; d < dims.length; d++) {
                dims[d] = SIZES[choices.below(SIZES.length)];
                count *= dims[d];
            }
            if (count <= MAX_VALUES) {
                made.with(names.get(at), new float[(int) count], dims);
            }
        }
        return made;
    }
}
