package org.daguerre.unet;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * The way down and the middle of a U-Net, with everything that conditions them. A ControlNet is a second copy of this
 * half (Zhang et al. 2023, section 3.2), so both load it from here.
 */
public final class Encoder {
    private final TimeEmbedding time;
    private final TimeProjections.Builder projections;
    private final CrossAttentionIndex cross;
    private final Conv2d convIn;
    private final List<Down> downs = new ArrayList<>();
    private final Middle middle;
    private TimeProjections timeProjections;

    /** Leaves the lists of projections open, so that the other half can add its own before {@link #complete}. */
    Encoder(Params p, UNetConfig c) {
        time = TimeEmbedding.load(p, c);
        projections = new TimeProjections.Builder(c.timeDim());
        cross = new CrossAttentionIndex(c.crossDim());
        convIn = Conv2d.load(p.sub("conv_in"), c.inChannels(), c.channels()[0], 3);
        for (int level = 0; level < c.levels(); level++) {
            downs.add(Down.load(p.sub("down_blocks." + level), projections, cross, c, level));
        }
        middle = Middle.load(p.sub("mid_block"), projections, cross, c);
    }

    /** The encoder alone. */
    public static Encoder load(Params p, UNetConfig c) {
        return new Encoder(p, c).complete();
    }

    TimeProjections.Builder projections() {
        return projections;
    }

    CrossAttentionIndex cross() {
        return cross;
    }

    Encoder complete() {
        timeProjections = projections.build();
        return this;
    }

    /** See {@link UNet#embedTime}. */
    public Tensor embedTime(Ops ops, Tensor t, Tensor added, Probe probe) {
        return ops.scoped(o -> timeProjections.forward(o, time.forward(o, t, added, probe)));
    }

    /** See {@link UNet#projectText}. */
    public Tensor[] projectText(Ops ops, Tensor context, ContextTransform hyper) {
        return cross.project(ops, context, hyper);
    }

    /**
     * One pass.
     *
     * @param x      [N, h, w, inChannels]
     * @param hint   [N, h, w, channels of level 0] added to the first features, or null
     * @param pushed gets the skip connections in their order; they belong to {@code ops}
     * @return the middle block's result
     */
    public Tensor forward(Ops ops, Tensor x, Tensor hint, StepContext c, List<Tensor> pushed) {
        Tensor h = convIn.forward(ops, x, null, null, hint);
        c.see(ops, "conv_in", h);
        pushed.add(h);
        for (Down down : downs) {
            h = down.forward(ops, h, c, pushed);
        }
        return middle.forward(ops, h, c);
    }
}
