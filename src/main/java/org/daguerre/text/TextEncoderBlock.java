package org.daguerre.text;

import org.daguerre.nn.LayerNorm;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** Pre-norm transformer block with a causal mask (Radford et al. 2021). */
record TextEncoderBlock(LayerNorm norm1, PackedWeights qkv, Linear out, LayerNorm norm2, Linear fc1, Linear fc2, TextEncoderConfig config) {

    static TextEncoderBlock load(Params p, TextEncoderConfig c) {
        Params attention = p.sub("self_attn");
        return new TextEncoderBlock(LayerNorm.load(p.sub("layer_norm1"), c.width(), c.eps()),
            attention.stacked(c.width(), c.width(), "q_proj", "k_proj", "v_proj"),
            Linear.load(attention.sub("out_proj"), c.width(), c.width()),
            LayerNorm.load(p.sub("layer_norm2"), c.width(), c.eps()),
            Linear.load(p.sub("mlp.fc1"), c.width(), c.mlp()),
            Linear.load(p.sub("mlp.fc2"), c.mlp(), c.width()), c);
    }

    /** x [N, L, C]. */
    Tensor forward(Ops parent, Tensor x) {
        try (Ops ops = parent.child()) {
            int c = config.width();
            Tensor a = ops.linear(norm1.forward(ops, x), qkv);
            Tensor h = out.forward(ops,
                ops.attention(a.columns(0, c), a.columns(c, c), a.columns(2 * c, c), config.heads(), true), x);
            Tensor m = fc1.forward(ops, norm2.forward(ops, h), config.activation());
            return ops.lift(fc2.forward(ops, m, h));
        }
    }
}
