package org.daguerre.weights.torch;

import java.util.List;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Shape;

/**
 * A tensor in a torch file that is not read yet: a strided view of a storage.
 *
 * @param storage key of the storage; tensors with the same key share memory
 * @param offset first element, counted in elements from the start of the storage
 * @param strides distance in elements between neighbours along each dimension, outermost first
 */
public record TensorRef(String storage, DType dtype, Shape shape, long offset, List<Long> strides) {
    public TensorRef {
        strides = List.copyOf(strides);
    }

    /** Whether the elements lie together in order. */
    boolean isContiguous() {
        long expected = 1;
        for (int i = shape.rank() - 1; i >= 0; i--) {
            if (shape.dim(i) != 1 && strides.get(i) != expected) {
                return false;
            }
            expected *= shape.dim(i);
        }
        return true;
    }

    @Override
    public String toString() {
        return "tensor " + dtype + " " + shape;
    }
}
