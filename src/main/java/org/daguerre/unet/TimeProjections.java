package org.daguerre.unet;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** The {@code time_emb_proj} layers of all ResNet blocks as one matrix, since all read the same SiLU(time embedding). */
record TimeProjections(PackedWeights weights) {

    /** Collects the layers while the blocks load; each block keeps the offset of its columns. */
    static final class Builder {
        private final List<Params> scopes = new ArrayList<>();
        private final List<Integer> widths = new ArrayList<>();
        private final int timeDim;
        private int width;

        Builder(int timeDim) {
            this.timeDim = timeDim;
        }

        int add(Params p, int out) {
            scopes.add(p);
            widths.add(out);
            width += out;
            return width - out;
        }

        TimeProjections build() {
            return new TimeProjections(Params.stacked(scopes, widths, timeDim));
        }
    }

    /** emb [N, timeDim] -> [N, sum of widths]. */
    Tensor forward(Ops ops, Tensor emb) {
        return ops.scoped(o -> o.linear(o.silu(emb), weights));
    }
}
