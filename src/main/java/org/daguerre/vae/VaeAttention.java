package org.daguerre.vae;

import org.daguerre.nn.GroupNorm;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** Self-attention over all pixels with one head as wide as the features. */
record VaeAttention(GroupNorm norm, PackedWeights qkv, Linear out) {

    static VaeAttention load(Params p, int channels, int groups) {
        // Files written by old versions of diffusers call the four projections by other names.
        boolean old = p.has("query.weight");
        PackedWeights qkv = old ? p.stacked(channels, channels, "query", "key", "value")
            : p.stacked(channels, channels, "to_q", "to_k", "to_v");
        return new VaeAttention(GroupNorm.load(p.sub("group_norm"), channels, groups, VaeResBlock.EPS), qkv,
            Linear.load(p.sub(old ? "proj_attn" : "to_out.0"), channels, channels));
    }

    /** x [N, H, W, C]. */
    Tensor forward(Ops parent, Tensor x) {
        try (Ops ops = parent.child()) {
            int c = x.dim(3);
            Tensor tokens = x.reshape(x.dim(0), x.dim(1) * x.dim(2), c);
            Tensor normed = norm.forward(ops, tokens);
            Tensor h = ops.linear(normed, qkv);
            ops.release(normed);
            Tensor a = ops.attention(h.columns(0, c), h.columns(c, c), h.columns(2 * c, c), 1, false);
            return ops.lift(out.forward(ops, a, tokens).reshape(x.shape().toArray()));
        }
    }
}
