package org.daguerre.unet;

import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** The lowest resolution: ResNet block, transformer, ResNet block. */
record Middle(ResBlock first, SpatialTransformer attention, ResBlock second) {

    static Middle load(Params p, TimeProjections.Builder time, CrossAttentionIndex cross, UNetConfig c) {
        int last = c.levels() - 1;
        int channels = c.channels()[last];
        return new Middle(ResBlock.load(p.sub("resnets.0"), time, channels, 0, channels, c),
            SpatialTransformer.load(p.sub("attentions.0"), cross, channels, c.heads()[last], c.transformerDepth()[last], c),
            ResBlock.load(p.sub("resnets.1"), time, channels, 0, channels, c));
    }

    Tensor forward(Ops parent, Tensor x, StepContext c) {
        try (Ops ops = parent.child()) {
            Tensor h = second.forward(ops, attention.forward(ops, first.forward(ops, x, null, c), c), null, c);
            c.see(ops, "mid_block", h);
            return ops.lift(h);
        }
    }
}
