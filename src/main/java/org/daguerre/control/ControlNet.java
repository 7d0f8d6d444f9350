package org.daguerre.control;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.ControlResiduals;
import org.daguerre.unet.Encoder;
import org.daguerre.unet.StepContext;
import org.daguerre.unet.UNetConfig;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.Weights;

/** One ControlNet, for any family whose U-Net has the same levels. */
public final class ControlNet implements AutoCloseable {
    private static final int[] HINT_CHANNELS = {16, 32, 96, 256};

    private final UNetConfig config;
    private final ModelMemory memory;
    private final Encoder encoder;
    private final HintEmbedding hint;
    private final List<Conv2d> downOut = new ArrayList<>();
    private final Conv2d middleOut;
    private final boolean pooled;

    private ControlNet(Params p, UNetConfig c, int[] hintChannels, boolean pooled) {
        config = c;
        this.pooled = pooled;
        memory = p.memory();
        encoder = Encoder.load(p, c);
        hint = HintEmbedding.load(p.sub("controlnet_cond_embedding"), hintChannels, c.channels()[0]);
        zeroConvolution(p, c.channels()[0]);
        for (int level = 0; level < c.levels(); level++) {
            int pushes = c.layersPerBlock() + (level < c.levels() - 1 ? 1 : 0);
            for (int i = 0; i < pushes; i++) {
                zeroConvolution(p, c.channels()[level]);
            }
        }
        int last = c.channels()[c.levels() - 1];
        middleOut = Conv2d.load(p.sub("controlnet_mid_block"), last, last, 1);
    }

    /** 1x1 convolutions that start as zeros in training, so that the net does nothing at first. */
    private void zeroConvolution(Params p, int channels) {
        downOut.add(Conv2d.load(p.sub("controlnet_down_blocks." + downOut.size()), channels, channels, 1));
    }

    /**
     * Loads a net under diffusers names.
     *
     * @param ops    an arena of its own, in the type of the activations
     * @param config of the net ({@code ControlNetModel})
     * @throws CheckpointException if a tensor is missing or has another shape, or the net reads colours in another order than RGB
     */
    public static ControlNet load(Ops ops, Weights w, JsonConfig config) {
        String order = config.getString("controlnet_conditioning_channel_order", "rgb");
        if (!order.equals("rgb")) {
            throw CheckpointException.of(config.file(), "rgb as controlnet_conditioning_channel_order", order);
        }
        ModelMemory memory = new ModelMemory(ops);
        try {
            return new ControlNet(new Params(w, memory), UNetConfig.of(config),
                config.getInts("conditioning_embedding_out_channels", HINT_CHANNELS),
                config.getBoolean("global_pool_conditions", false));
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    public UNetConfig config() {
        return config;
    }

    /**
     * Whether the net gives one number per channel for the whole picture ("shuffle"). Such nets are made to work on the rows of the
     * positive prompt only.
     */
    public boolean pooled() {
        return pooled;
    }

    /** Width and height of the control picture = this times those of the latents. */
    public int factor() {
        return hint.factor();
    }

    /**
     * Features of the control picture: the same at every step, so computed once a run.
     *
     * @param image [N, H, W, 3] in 0..1, RGB, of any float type
     * @return [N, h, w, channels of level 0]
     */
    public Tensor embedHint(Ops parent, Tensor image) {
        return parent.scoped(ops -> hint.forward(ops, ops.cast(image, ops.type())));
    }

    /** See {@link org.daguerre.unet.UNet#embedTime}. */
    public Tensor embedTime(Ops ops, Tensor t, Tensor added) {
        return encoder.embedTime(ops, t, config.addedDim() == 0 ? null : added, Probe.NONE);
    }

    /** See {@link org.daguerre.unet.UNet#projectText}. */
    public Tensor[] projectText(Ops ops, Tensor context) {
        return encoder.projectText(ops, context, null);
    }

    /**
     * One pass.
     *
     * @param x     [N, h, w, inChannels] the U-Net's input without extra channels
     * @param hint  from {@link #embedHint}, [N, ...]
     * @param c     with this net's own {@link #embedTime} and {@link #projectText}
     * @param scale multiplies all residuals
     */
    public ControlResiduals.Net forward(Ops parent, Tensor x, Tensor hint, StepContext c, double scale) {
        try (Ops ops = parent.child()) {
            List<Tensor> pushed = new ArrayList<>();
            Tensor middle = encoder.forward(ops, x, hint, c, pushed);
            Tensor[] down = new Tensor[pushed.size()];
            for (int i = 0; i < down.length; i++) {
                down[i] = ops.lift(residual(ops, downOut.get(i), pushed.get(i)));
                ops.release(pushed.get(i));
            }
            return ControlResiduals.Net.of(down, ops.lift(residual(ops, middleOut, middle)), scale);
        }
    }

    private Tensor residual(Ops parent, Conv2d out, Tensor h) {
        return parent.scoped(ops -> pooled ? mean(ops, out.forward(ops, h)) : out.forward(ops, h));
    }

    /** The mean over all pixels, in all of them. */
    private static Tensor mean(Ops ops, Tensor x) {
        Tensor[] rows = new Tensor[x.dim(0)];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = meanRow(ops, x.rows(i, i + 1).reshape(x.dim(1) * x.dim(2), x.dim(3))).reshape(1, 1, 1, x.dim(3));
        }
        return ops.resize(ops.cast(ops.stack(rows), x.dtype()), x.dim(1), x.dim(2), Backend.Resize.NEAREST);
    }

    /** Of rows [n, C], in f32: the mean of one half and the other, until one row is left. */
    private static Tensor meanRow(Ops ops, Tensor rows) {
        int n = rows.dim(0);
        if (n == 1) {
            return rows;
        }
        if (n % 2 == 1) {
            return ops.combine(new double[] {1 - 1.0 / n, 1.0 / n}, meanRow(ops, rows.rows(0, n - 1)), rows.rows(n - 1, n));
        }
        return meanRow(ops, ops.combine(new double[] {0.5, 0.5}, rows.rows(0, n / 2), rows.rows(n / 2, n)));
    }

    /** The engine's memory of this network. */
    public ModelMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
