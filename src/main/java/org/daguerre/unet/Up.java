package org.daguerre.unet;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** One level on the way up: each ResNet block reads [hidden, skip]; then twice the size. */
record Up(String name, List<ResBlock> resnets, List<SpatialTransformer> attentions, Optional<Conv2d> upsample) {

    /**
     * @param level the level in the order of {@link UNetConfig#channels()}, so up block 0 has the last one
     * @param skips channels of the skip connections, last pushed first out
     */
    static Up load(Params p, TimeProjections.Builder time, CrossAttentionIndex cross, UNetConfig c, int level, Deque<Integer> skips) {
        List<ResBlock> resnets = new ArrayList<>();
        List<SpatialTransformer> attentions = new ArrayList<>();
        int out = c.channels()[level];
        int in = c.channels()[Math.min(c.levels() - 1, level + 1)];
        for (int i = 0; i <= c.layersPerBlock(); i++) {
            resnets.add(ResBlock.load(p.sub("resnets." + i), time, i == 0 ? in : out, skips.pop(), out, c));
            if (c.attention()[level]) {
                attentions.add(SpatialTransformer.load(p.sub("attentions." + i), cross, out, c.heads()[level],
                    c.transformerDepth()[level], c));
            }
        }
        return new Up("up_blocks." + (c.levels() - 1 - level), resnets, attentions,
            level == 0 ? Optional.empty() : Optional.of(Conv2d.load(p.sub("upsamplers.0.conv"), out, out, 3)));
    }

    /** Takes its skips off the stack and frees them; the size after upsampling is that of the next skip (odd sizes included). */
    Tensor forward(Ops ops, Tensor x, StepContext c, ArrayDeque<Tensor> skips) {
        Tensor h = x;
        for (int i = 0; i < resnets.size(); i++) {
            Tensor skip = skips.pop();
            Tensor before = h;
            h = resnets.get(i).forward(ops, h, skip, c);
            ops.release(before);
            ops.release(skip);
            if (!attentions.isEmpty()) {
                before = h;
                h = attentions.get(i).forward(ops, h, c);
                ops.release(before);
            }
        }
        if (upsample.isPresent()) {
            Tensor before = h;
            Tensor next = skips.peek();
            h = upsample.get().upsampled(ops, h, next.dim(1), next.dim(2));
            ops.release(before);
        }
        c.see(ops, name, h);
        return h;
    }
}
