package org.daguerre.unet;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.GroupNorm;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Transformer over the pixels of a feature map (Rombach et al. 2022, section 3.3): norm, projection in, blocks, projection out, + input.
 * NHWC is the token sequence already, so SD 1's 1x1 convolutions and SD 2's matrices are the same operation.
 */
record SpatialTransformer(String name, GroupNorm norm, Linear projIn, List<TransformerBlock> blocks, Linear projOut) {
    /** The norm at the head of a transformer has its own epsilon in every published model. */
    private static final float EPS = 1e-6f;

    static SpatialTransformer load(Params p, CrossAttentionIndex index, int channels, int heads, int depth, UNetConfig c) {
        List<TransformerBlock> blocks = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            blocks.add(TransformerBlock.load(p.sub("transformer_blocks." + i), index, channels, heads, c.crossDim()));
        }
        String name = p.weights().prefix();
        return new SpatialTransformer(name.substring(0, name.length() - 1), GroupNorm.load(p.sub("norm"), channels, c.groups(), EPS),
            Linear.load(p.sub("proj_in"), channels, channels), blocks, Linear.load(p.sub("proj_out"), channels, channels));
    }

    /** x [N, H, W, C]. */
    Tensor forward(Ops parent, Tensor x, StepContext c) {
        try (Ops ops = parent.child()) {
            Tensor tokens = x.reshape(x.dim(0), x.dim(1) * x.dim(2), x.dim(3));
            Tensor normed = norm.forward(ops, tokens);
            c.see(ops, name + ".norm", normed.reshape(x.shape().toArray()));
            Tensor h = projIn.forward(ops, normed);
            ops.release(normed);
            c.see(ops, name + ".proj_in", h);
            for (TransformerBlock block : blocks) {
                Tensor next = block.forward(ops, h, c);
                ops.release(h);
                h = next;
            }
            Tensor y = projOut.forward(ops, h, tokens).reshape(x.shape().toArray());
            c.see(ops, name, y);
            return ops.lift(y);
        }
    }
}
