package org.daguerre.unet;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** One level on the way down: ResNet blocks, each with a transformer where the level has attention, then half the size. */
record Down(String name, List<ResBlock> resnets, List<SpatialTransformer> attentions, Optional<Conv2d> downsample) {

    static Down load(Params p, TimeProjections.Builder time, CrossAttentionIndex cross, UNetConfig c, int level) {
        List<ResBlock> resnets = new ArrayList<>();
        List<SpatialTransformer> attentions = new ArrayList<>();
        int out = c.channels()[level];
        for (int i = 0; i < c.layersPerBlock(); i++) {
            int in = i > 0 ? out : c.channels()[Math.max(0, level - 1)];
            resnets.add(ResBlock.load(p.sub("resnets." + i), time, in, 0, out, c));
            if (c.attention()[level]) {
                attentions.add(SpatialTransformer.load(p.sub("attentions." + i), cross, out, c.heads()[level],
                    c.transformerDepth()[level], c));
            }
        }
        boolean last = level == c.levels() - 1;
        return new Down("down_blocks." + level, resnets, attentions,
            last ? Optional.empty() : Optional.of(Conv2d.load(p.sub("downsamplers.0.conv"), out, out, 3)));
    }

    /** Appends every result to {@code skips} and returns the last one; all belong to {@code ops}. */
    Tensor forward(Ops ops, Tensor x, StepContext c, List<Tensor> skips) {
        Tensor h = x;
        for (int i = 0; i < resnets.size(); i++) {
            h = resnets.get(i).forward(ops, h, null, c);
            if (!attentions.isEmpty()) {
                Tensor before = h;
                h = attentions.get(i).forward(ops, h, c);
                ops.release(before);
            }
            skips.add(h);
        }
        if (downsample.isPresent()) {
            h = downsample.get().halved(ops, h);
            skips.add(h);
        }
        c.see(ops, name, h);
        return h;
    }
}
