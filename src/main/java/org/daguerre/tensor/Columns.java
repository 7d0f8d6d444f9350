package org.daguerre.tensor;

/**
 * A range of columns of a tensor: element (r, j) of the view is element (r, from + j) of the tensor seen as rows of its
 * innermost dimension. A fused Q/K/V projection [N, L, 3C] is read as three such views, without copies.
 */
public record Columns(Tensor tensor, int from, int width) {
    public Columns {
        if (from < 0 || width <= 0 || (long) from + width > tensor.dim(-1)) {
            throw new IllegalArgumentException("columns: expected a range within 0.." + tensor.dim(-1)
                + ", found " + from + ".." + ((long) from + width));
        }
    }

    /** Distance between rows, in elements. */
    public int stride() {
        return tensor.dim(-1);
    }
}
