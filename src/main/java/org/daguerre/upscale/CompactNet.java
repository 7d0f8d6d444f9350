package org.daguerre.upscale;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.Linear;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Weights;

/**
 * The small network of Real-ESRGAN (SRVGGNetCompact: realesr-animevideov3, realesr-general-x4v3): convolutions at the size of the input, a
 * PReLU behind each but the last, whose channels become squares of pixels; added to the input enlarged by nearest neighbour.
 */
final class CompactNet implements UpscalerNet {
    private static final int COLOURS = 3;

    private final ModelMemory memory;
    private final List<Conv2d> convs = new ArrayList<>();
    private final List<Linear> slopes = new ArrayList<>();
    private final int scale;

    private CompactNet(Params p) {
        memory = p.memory();
        Weights w = p.weights();
        int features = w.shape("body.0.weight", 4).dim(0);
        int layer = 0;
        int in = COLOURS;
        for (; p.has("body." + (layer + 1) + ".slopes"); layer += 2) {
            convs.add(Conv2d.load(p.sub("body." + layer), in, features, 3));
            slopes.add(new Linear(p.sub("body." + (layer + 1) + ".slopes").withoutBias().linear(features, features)));
            in = features;
        }
        int out = w.shape("body." + layer + ".weight", 4).dim(0);
        scale = (int) Math.round(Math.sqrt(out / (double) COLOURS));
        if (scale < 1 || out != COLOURS * scale * scale) {
            throw CheckpointException.of(w.checkpoint().source(), "3 channels per pixel of a square at the end of an upscaler", "" + out);
        }
        convs.add(Conv2d.load(p.sub("body." + layer), in, out, 3));
    }

    /** As {@link UpscalerNet#load}. */
    static CompactNet load(Ops ops, Weights w) {
        ModelMemory memory = new ModelMemory(ops);
        try {
            return new CompactNet(new Params(w, memory));
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    @Override
    public int scale() {
        return scale;
    }

    @Override
    public int multiple() {
        return 1;
    }

    @Override
    public Ops ops() {
        return memory.ops();
    }

    @Override
    public Tensor forward(Ops parent, Tensor x) {
        return parent.scoped(ops -> {
            Tensor h = x;
            for (int i = 0; i < slopes.size(); i++) {
                Tensor before = h;
                h = prelu(ops, slopes.get(i), convs.get(i).forward(ops, h));
                if (before != x) {
                    ops.release(before);
                }
            }
            Tensor squares = convs.get(slopes.size()).forward(ops, h);
            Tensor large = scale == 1 ? squares : ops.pixelShuffle(squares, scale);
            Tensor base = ops.resize(x, scale * x.dim(1), scale * x.dim(2), Backend.Resize.NEAREST);
            return ops.combine(x.dtype(), new double[] {1, 1}, large, base);
        });
    }

    /** max(x, 0) - a max(-x, 0) with a slope a for each channel: a product with a diagonal matrix, which holds -a. */
    private static Tensor prelu(Ops parent, Linear slopes, Tensor x) {
        Tensor y = parent.scoped(ops -> slopes.forward(ops,
            ops.activation(ops.combine(x.dtype(), new double[] {-1}, x), Activation.RELU), ops.activation(x, Activation.RELU)));
        parent.release(x);
        return y;
    }

    @Override
    public void close() {
        memory.close();
    }
}
