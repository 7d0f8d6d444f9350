package org.daguerre.unet;

import org.daguerre.nn.LayerNorm;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/**
 * x += self-attention(norm x); x += cross-attention(norm x, prompt); x += feed-forward(norm x). Q, K and V of self-attention are one
 * product; the feed-forward part is GEGLU (Shazeer 2020). Each residual is added in the epilogue of the last product.
 */
record TransformerBlock(String name, int heads, LayerNorm norm1, PackedWeights selfQkv, Linear selfOut, LayerNorm norm2, Linear crossQ,
                        int crossIndex, Linear crossOut, LayerNorm norm3, PackedWeights feedIn, Linear feedOut) {
    private static final float EPS = 1e-5f;

    static TransformerBlock load(Params p, CrossAttentionIndex index, int channels, int heads, int crossDim) {
        Params self = p.sub("attn1");
        Params cross = p.sub("attn2");
        Params feed = p.sub("ff.net");
        String name = p.weights().prefix();
        return new TransformerBlock(name.substring(0, name.length() - 1), heads,
            LayerNorm.load(p.sub("norm1"), channels, EPS),
            self.withoutBias().stacked(channels, channels, "to_q", "to_k", "to_v"),
            Linear.load(self.sub("to_out.0"), channels, channels),
            LayerNorm.load(p.sub("norm2"), channels, EPS),
            Linear.load(cross.sub("to_q").withoutBias(), channels, channels),
            index.add(cross, channels),
            Linear.load(cross.sub("to_out.0"), channels, channels),
            LayerNorm.load(p.sub("norm3"), channels, EPS),
            feed.sub("0.proj").geglu(8 * channels, channels),
            Linear.load(feed.sub("2"), 4 * channels, channels));
    }

    /** x [N, L, C]. */
    Tensor forward(Ops parent, Tensor x, StepContext c) {
        try (Ops ops = parent.child()) {
            Tensor h1 = ops.scoped(o -> selfOut.forward(o, selfAttention(o, norm1.forward(o, x), c), x));
            c.see(ops, name + ".attn1.sum", h1);
            Tensor h2 = ops.scoped(o -> crossOut.forward(o, crossAttention(o, norm2.forward(o, h1), c), h1));
            c.see(ops, name + ".attn2.sum", h2);
            ops.release(h1);
            Tensor y = ops.scoped(o -> {
                Tensor normed = norm3.forward(o, h2);
                Tensor wide = o.linear(normed, feedIn);
                o.release(normed);
                return feedOut.forward(o, wide, h2);
            });
            c.see(ops, name, y);
            return ops.lift(y);
        }
    }

    private Tensor selfAttention(Ops ops, Tensor x, StepContext c) {
        int channels = x.dim(2);
        Tensor qkv = ops.linear(x, selfQkv);
        if (c.hyper() == null || !c.hyper().applies(channels)) {
            return ops.attention(qkv.columns(0, channels), qkv.columns(channels, channels), qkv.columns(2 * channels, channels), heads,
                false);
        }
        Tensor kv = KeyValueColumns.project(ops, selfQkv, c.hyper().forKeys(ops, x), c.hyper().forValues(ops, x), channels, channels);
        return ops.attention(qkv.columns(0, channels), kv.columns(0, channels), kv.columns(channels, channels), heads, false);
    }

    private Tensor crossAttention(Ops ops, Tensor x, StepContext c) {
        int channels = x.dim(2);
        Tensor q = crossQ.forward(ops, x);
        Tensor kv = c.text()[crossIndex];
        Columns k = kv.columns(0, channels);
        return ops.attention(q.columns(), k, kv.columns(channels, channels), heads, false);
    }
}
