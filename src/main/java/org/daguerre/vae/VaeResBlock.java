package org.daguerre.vae;

import java.util.Optional;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.GroupNorm;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Residual block without time embedding: norm, SiLU, 3x3, norm, SiLU, 3x3, + input. */
record VaeResBlock(GroupNorm norm1, Conv2d conv1, GroupNorm norm2, Conv2d conv2, Optional<Conv2d> shortcut) {
    static final float EPS = 1e-6f;

    static VaeResBlock load(Params p, int in, int out, int groups) {
        return new VaeResBlock(GroupNorm.load(p.sub("norm1"), in, groups, EPS), Conv2d.load(p.sub("conv1"), in, out, 3),
            GroupNorm.load(p.sub("norm2"), out, groups, EPS), Conv2d.load(p.sub("conv2"), out, out, 3),
            in == out ? Optional.empty() : Optional.of(Conv2d.load(p.sub("conv_shortcut"), in, out, 1)));
    }

    /**
     * Uses {@code x} up: where nobody needs it behind the shortcut, its memory is written over and freed. At the last levels that is
     * a third of what decoding takes.
     */
    Tensor forward(Ops parent, Tensor x) {
        try (Ops ops = parent.child()) {
            Tensor skip = shortcut.isPresent() ? shortcut.get().forward(ops, x) : x;
            Tensor h = shortcut.isPresent() ? norm1.inPlace(ops, x, Activation.SILU) : norm1.forward(ops, x, null, Activation.SILU);
            Tensor h1 = conv1.forward(ops, h);
            (shortcut.isPresent() ? parent : ops).release(h);
            norm2.inPlace(ops, h1, Activation.SILU);
            return ops.lift(conv2.forward(ops, h1, null, null, skip));
        }
    }
}
