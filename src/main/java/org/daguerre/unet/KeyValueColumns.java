package org.daguerre.unet;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** Keys and values from different inputs through one stacked projection; only hypernetworks need it, so it may compute too much. */
final class KeyValueColumns {
    private KeyValueColumns() {
    }

    /** Keys start at column {@code first} of the projection, values {@code channels} further on; result [N, L, 2 channels]. */
    static Tensor project(Ops ops, PackedWeights w, Tensor forKeys, Tensor forValues, int first, int channels) {
        return ops.scoped(o -> o.concat(o.slice(o.linear(forKeys, w).columns(first, channels)),
            o.slice(o.linear(forValues, w).columns(first + channels, channels))));
    }
}
