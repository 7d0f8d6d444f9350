package org.daguerre.weights.torch;

import java.nio.ByteBuffer;
import org.daguerre.tensor.HostTensor;

/** Copies a strided view, such as a transposed matrix, into elements that lie together. */
final class Gather {
    private Gather() {
    }

    /** {@code source} begins at the tensor's first element. */
    static ByteBuffer copy(TensorRef ref, ByteBuffer source) {
        int size = ref.dtype().bytes();
        int rank = ref.shape().rank();
        int count = (int) ref.shape().count();
        ByteBuffer out = HostTensor.allocate(count * size);
        int inner = ref.shape().dim(-1);
        int innerStride = (int) (ref.strides().get(rank - 1) * size);
        int[] index = new int[rank];
        int at = 0; // a span of at most 2 GiB, so that byte offsets are ints
        for (int done = 0; done < count; done += inner) {
            for (int i = 0, from = at; i < inner; i++, from += innerStride) {
                out.put((done + i) * size, source, from, size);
            }
            for (int d = rank - 2; d >= 0; d--) {
                int step = (int) (ref.strides().get(d) * size);
                at += step;
                if (++index[d] < ref.shape().dim(d)) {
                    break;
                }
                index[d] = 0;
                at -= ref.shape().dim(d) * step;
            }
        }
        return out;
    }
}
