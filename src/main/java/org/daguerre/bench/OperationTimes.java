package org.daguerre.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Time by operation and shape. */
public final class OperationTimes {
    private record Key(String op, String shape) {
    }

    private final Map<Key, Row> rows = new LinkedHashMap<>();

    /**
     * All calls of one operation with one shape.
     *
     * @param flops of all of them, 0 where they do not count
     * @param bytes of all of them: every tensor read or written once
     */
    public record Row(String op, String shape, int count, double ms, double flops, double bytes) {
        Row plus(Row o) {
            return new Row(op, shape, count + o.count, ms + o.ms, flops + o.flops, bytes + o.bytes);
        }

        public double teraflops() {
            return flops / ms / 1e9;
        }

        public double gigabytesPerSecond() {
            return bytes / ms / 1e6;
        }
    }

    void add(Row row) {
        rows.merge(new Key(row.op, row.shape), row, Row::plus);
    }

    void clear() {
        rows.clear();
    }

    /** Slowest first. */
    List<Row> slowestFirst() {
        List<Row> all = new ArrayList<>(rows.values());
        all.sort(Comparator.comparingDouble(Row::ms).reversed());
        return all;
    }
}
