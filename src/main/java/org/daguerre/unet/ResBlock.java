package org.daguerre.unet;

import java.util.Optional;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.GroupNorm;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Residual block (He et al. 2016) with time embedding: norm, SiLU, 3x3, + time, norm, SiLU, 3x3, + input. The input may be two tensors
 * (hidden state and skip connection) that are read as their concatenation without being copied together.
 */
record ResBlock(String name, GroupNorm norm1, Conv2d conv1, int timeOffset, GroupNorm norm2, Conv2d conv2, Optional<Conv2d> shortcut) {

    /** @param in2 channels of the second source, 0 without one */
    static ResBlock load(Params p, TimeProjections.Builder time, int in, int in2, int out, UNetConfig c) {
        String name = p.weights().prefix();
        return new ResBlock(name.substring(0, name.length() - 1),
            GroupNorm.load(p.sub("norm1"), in + in2, c.groups(), c.eps()),
            Conv2d.load(p.sub("conv1"), in + in2, out, 3),
            time.add(p.sub("time_emb_proj"), out),
            GroupNorm.load(p.sub("norm2"), out, c.groups(), c.eps()),
            Conv2d.load(p.sub("conv2"), out, out, 3),
            in + in2 == out ? Optional.empty() : Optional.of(Conv2d.load(p.sub("conv_shortcut"), in, in2, out, 1)));
    }

    Tensor forward(Ops parent, Tensor x, Tensor x2, StepContext c) {
        try (Ops ops = parent.child()) {
            Tensor h = norm1.forward(ops, x, x2, Activation.SILU);
            Tensor h1 = conv1.forward(ops, h, null, c.time(timeOffset, conv1.weights().outChannels()), null);
            ops.release(h);
            Tensor h2 = norm2.forward(ops, h1, null, Activation.SILU);
            ops.release(h1);
            Tensor skip = shortcut.isPresent() ? shortcut.get().forward(ops, x, x2, null, null) : x2 == null ? x : ops.concat(x, x2);
            Tensor y = conv2.forward(ops, h2, null, null, skip);
            c.see(ops, name, y);
            return ops.lift(y);
        }
    }
}
