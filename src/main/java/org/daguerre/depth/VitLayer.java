package org.daguerre.depth;

import org.daguerre.nn.LayerNorm;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** A block of a vision transformer (Dosovitskiy et al. 2021): x += attention(norm x); x += mlp(norm x). */
record VitLayer(LayerNorm norm1, PackedWeights qkv, Linear out, LayerNorm norm2, Linear in, Linear back, int heads) {

    static VitLayer load(Params p, int width, int mlp, int heads, float eps) {
        return new VitLayer(LayerNorm.load(p.sub("layernorm_before"), width, eps),
            p.sub("attention.attention").stacked(width, width, "query", "key", "value"),
            Linear.load(p.sub("attention.output.dense"), width, width),
            LayerNorm.load(p.sub("layernorm_after"), width, eps),
            Linear.load(p.sub("intermediate.dense"), width, mlp),
            Linear.load(p.sub("output.dense"), mlp, width), heads);
    }

    /** x [N, L, C]. */
    Tensor forward(Ops parent, Tensor x) {
        return parent.scoped(ops -> {
            int c = x.dim(2);
            Tensor a = ops.linear(norm1.forward(ops, x), qkv);
            Tensor attended = ops.attention(a.columns(0, c), a.columns(c, c), a.columns(2 * c, c), heads, false);
            Tensor h = out.forward(ops, attended, x);
            return back.forward(ops, in.forward(ops, norm2.forward(ops, h), Activation.GELU), h);
        });
    }
}
