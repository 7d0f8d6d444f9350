package org.daguerre.unet;

import java.util.Arrays;
import java.util.Optional;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Timestep -> vector: sinusoids, linear, SiLU, linear; SDXL adds the same kind of embedding of pooled text and picture sizes. */
record TimeEmbedding(Linear linear1, Linear linear2, Optional<Linear> added1, Optional<Linear> added2, int sinusoids) {

    static TimeEmbedding load(Params p, UNetConfig c) {
        int dim = c.timeDim();
        boolean added = c.addedDim() > 0;
        return new TimeEmbedding(Linear.load(p.sub("time_embedding.linear_1"), c.channels()[0], dim),
            Linear.load(p.sub("time_embedding.linear_2"), dim, dim),
            added ? Optional.of(Linear.load(p.sub("add_embedding.linear_1"), c.addedDim(), dim)) : Optional.empty(),
            added ? Optional.of(Linear.load(p.sub("add_embedding.linear_2"), dim, dim)) : Optional.empty(),
            c.channels()[0]);
    }

    /**
     * @param t     timesteps [1 or N] F32
     * @param added [N, addedDim] or null where the model has none
     */
    Tensor forward(Ops parent, Tensor t, Tensor added, Probe probe) {
        return parent.scoped(ops -> {
            Tensor e = linear2.forward(ops, linear1.forward(ops, ops.timestepEmbedding(t, sinusoids), Activation.SILU));
            probe.see(ops, "time_embedding", e);
            if (added1.isEmpty()) {
                return e;
            }
            Tensor a = added2.get().forward(ops, added1.get().forward(ops, added, Activation.SILU));
            probe.see(ops, "add_embedding", a);
            if (e.dim(0) == a.dim(0)) {
                return ops.add(e, a);
            }
            Tensor[] rows = new Tensor[a.dim(0)];
            Arrays.fill(rows, e);
            return ops.add(ops.stack(rows), a);
        });
    }
}
