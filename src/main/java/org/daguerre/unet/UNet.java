package org.daguerre.unet;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.GroupNorm;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * The network that predicts the noise (or velocity) in latents: down, middle, up, with skip connections between equal
 * sizes.
 */
public final class UNet {
    private final UNetConfig config;
    private final Encoder encoder;
    private final List<Up> ups = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;

    private UNet(Params p, UNetConfig c) {
        config = c;
        encoder = new Encoder(p, c);
        Deque<Integer> skips = skipChannels(c);
        for (int i = 0; i < c.levels(); i++) {
            ups.add(Up.load(p.sub("up_blocks." + i), encoder.projections(), encoder.cross(), c, c.levels() - 1 - i,
                skips));
        }
        normOut = GroupNorm.load(p.sub("conv_norm_out"), c.channels()[0], c.groups(), c.eps());
        convOut = Conv2d.load(p.sub("conv_out"), c.channels()[0], c.outChannels(), 3);
        encoder.complete();
    }

    /** @throws org.daguerre.weights.CheckpointException if a tensor is missing or has another shape */
    public static UNet load(Params p, UNetConfig c) {
        return new UNet(p, c);
    }

    private static Deque<Integer> skipChannels(UNetConfig c) {
        Deque<Integer> skips = new ArrayDeque<>();
        skips.push(c.channels()[0]);
        for (int level = 0; level < c.levels(); level++) {
            int pushes = c.layersPerBlock() + (level < c.levels() - 1 ? 1 : 0);
            for (int i = 0; i < pushes; i++) {
                skips.push(c.channels()[level]);
            }
        }
        return skips;
    }

    public UNetConfig config() {
        return config;
    }

    /**
     * What the ResNet blocks need of the timestep: constant for a step, so it is computed outside {@link #forward}.
     *
     * @param t     [1 or N] F32, may be fractional
     * @param added [N, addedDim] (SDXL: pooled text and size embeddings), or null
     * @return [1 or N, sum of block widths]
     */
    public Tensor embedTime(Ops ops, Tensor t, Tensor added, Probe probe) {
        return encoder.embedTime(ops, t, added, probe);
    }

    /** Keys and values of the prompt for every cross-attention layer: constant for a run. context [N, L, crossDim]. */
    public Tensor[] projectText(Ops ops, Tensor context, ContextTransform hyper) {
        return encoder.projectText(ops, context, hyper);
    }

    /**
     * One forward pass.
     *
     * @param x       [N, h, w, inChannels]
     * @param control residuals of ControlNets to add to the skip connections, or null
     * @return [N, h, w, outChannels]
     */
    public Tensor forward(Ops parent, Tensor x, StepContext c, ControlResiduals control) {
        try (Ops ops = parent.child()) {
            List<Tensor> pushed = new ArrayList<>();
            Tensor h = encoder.forward(ops, x, null, c, pushed);
            ArrayDeque<Tensor> skips = new ArrayDeque<>();
            for (int i = 0; i < pushed.size(); i++) {
                skips.push(control == null ? pushed.get(i) : control.addDown(ops, i, pushed.get(i)));
                if (control != null) {
                    ops.release(pushed.get(i));
                }
            }
            h = control == null ? h : control.addMiddle(ops, h);
            for (Up up : ups) {
                h = up.forward(ops, h, c, skips);
            }
            Tensor normed = normOut.forward(ops, h, null, Activation.SILU);
            Tensor y = convOut.forward(ops, normed);
            c.see(ops, "conv_out", y);
            return ops.lift(y);
        }
    }
}
