package org.daguerre.unet;

import java.util.Optional;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** The lowest resolution: ResNet block, transformer, ResNet block; the first of them alone in reduced ControlNets. */
record Middle(ResBlock first, Optional<Rest> rest) {

    record Rest(SpatialTransformer attention, ResBlock second) {
    }

    static Middle load(Params p, TimeProjections.Builder time, CrossAttentionIndex cross, UNetConfig c) {
        int last = c.levels() - 1;
        int channels = c.channels()[last];
        ResBlock first = ResBlock.load(p.sub("resnets.0"), time, channels, 0, channels, c);
        if (!c.middleAttention()) {
            return new Middle(first, Optional.empty());
        }
        return new Middle(first, Optional.of(new Rest(
            SpatialTransformer.load(p.sub("attentions.0"), cross, channels, c.heads()[last], c.transformerDepth()[last], c),
            ResBlock.load(p.sub("resnets.1"), time, channels, 0, channels, c))));
    }

    Tensor forward(Ops parent, Tensor x, StepContext c) {
        try (Ops ops = parent.child()) {
            Tensor h = first.forward(ops, x, null, c);
            if (rest.isPresent()) {
                h = rest.get().second.forward(ops, rest.get().attention.forward(ops, h, c), null, c);
            }
            c.see(ops, "mid_block", h);
            return ops.lift(h);
        }
    }
}
