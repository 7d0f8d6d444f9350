package org.daguerre.tensor;

/**
 * A contiguous block of elements in an engine's memory. Images are [N, H, W, C], token sequences [N, L, C].
 *
 * @param buffer where the elements are
 * @param offset first element, in elements from the start of the buffer (non-zero for row views)
 */
public record Tensor(Buffer buffer, long offset, DType dtype, Shape shape) {

    public int dim(int i) {
        return shape.dim(i);
    }

    public long count() {
        return shape.count();
    }

    public long bytes() {
        return count() * dtype.bytes();
    }

    /** The same elements under another shape; one dimension may be -1. */
    public Tensor reshape(int... dims) {
        int[] d = dims.clone();
        for (int i = 0; i < d.length; i++) {
            if (d[i] == -1) {
                long rest = 1;
                for (int j = 0; j < d.length; j++) {
                    rest *= j == i ? 1 : d[j];
                }
                d[i] = rest == 0 ? 0 : Math.toIntExact(count() / rest);
            }
        }
        Shape s = Shape.of(d);
        if (s.count() != count()) {
            throw new IllegalArgumentException("reshape: expected " + count() + " elements as in " + shape + ", found "
                + s);
        }
        return new Tensor(buffer, offset, dtype, s);
    }

    /** Rows {@code from..to-1} of the outermost dimension; shares the memory. */
    public Tensor rows(int from, int to) {
        if (from < 0 || to < from || to > dim(0)) {
            throw new IllegalArgumentException("rows: expected a range within 0.." + dim(0) + ", found " + from + ".."
                + to);
        }
        int[] d = shape.toArray();
        long row = d[0] == 0 ? 0 : count() / d[0];
        d[0] = to - from;
        return new Tensor(buffer, offset + from * row, dtype, Shape.of(d));
    }

    /**
     * Columns {@code from..from+width-1} of the innermost dimension, as a strided view for attention and embeddings.
     */
    public Columns columns(int from, int width) {
        return new Columns(this, from, width);
    }

    /** All columns. */
    public Columns columns() {
        return new Columns(this, 0, dim(-1));
    }

    @Override
    public String toString() {
        return dtype + " " + shape;
    }
}
