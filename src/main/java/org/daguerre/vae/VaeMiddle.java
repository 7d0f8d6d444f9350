package org.daguerre.vae;

import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** ResNet block, attention, ResNet block at the lowest resolution. */
record VaeMiddle(VaeResBlock first, VaeAttention attention, VaeResBlock second) {

    static VaeMiddle load(Params p, int channels, int groups) {
        return new VaeMiddle(VaeResBlock.load(p.sub("resnets.0"), channels, channels, groups),
            VaeAttention.load(p.sub("attentions.0"), channels, groups),
            VaeResBlock.load(p.sub("resnets.1"), channels, channels, groups));
    }

    Tensor forward(Ops parent, Tensor x, Probe probe) {
        return parent.scoped(ops -> {
            Tensor h = first.forward(ops, x);
            probe.see(ops, "mid_block.resnets.0", h);
            h = attention.forward(ops, h);
            probe.see(ops, "mid_block.attentions.0", h);
            h = second.forward(ops, h);
            probe.see(ops, "mid_block", h);
            return h;
        });
    }
}
