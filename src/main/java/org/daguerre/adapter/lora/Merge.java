package org.daguerre.adapter.lora;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;

/** W + sum_i weight_i delta_i for one module, in f32, by blocks of rows on all cores. */
final class Merge {
    private static final int BLOCK_VALUES = 1 << 14;

    private record Term(Delta delta, double weight) {
    }

    private final List<Term> terms = new ArrayList<>();

    void add(Delta delta, double weight) {
        terms.add(new Term(delta, weight));
    }

    HostTensor apply(HostTensor original) {
        int rows = original.shape().dim(0);
        int columns = Math.toIntExact(original.shape().count() / rows);
        List<Delta.Rows> opened = terms.stream().map(t -> t.delta.open()).toList();
        ByteBuffer bytes = HostTensor.allocate(Math.toIntExact(4L * rows * columns));
        FloatBuffer result = bytes.asFloatBuffer();
        int block = Math.max(1, BLOCK_VALUES / columns);
        IntStream.range(0, (rows + block - 1) / block).parallel().forEach(b -> {
            int from = b * block;
            int to = Math.min(rows, from + block);
            float[] values = rows(original, from, to, columns);
            for (int i = 0; i < opened.size(); i++) {
                opened.get(i).add(from, to, terms.get(i).weight, values);
            }
            result.put(from * columns, values);
        });
        return new HostTensor(original.name(), DType.F32, original.shape(), bytes);
    }

    private static float[] rows(HostTensor t, int from, int to, int columns) {
        int row = columns * t.dtype().bytes();
        ByteBuffer part = t.data().slice(from * row, (to - from) * row);
        return new HostTensor(t.name(), t.dtype(), Shape.of(to - from, columns), part).toFloats();
    }
}
