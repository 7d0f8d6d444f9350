package org.daguerre.upscale;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Weights;

/**
 * RRDBNet: residual blocks in residual blocks at the size of the input, then some times (twice in most) nearest neighbour and
 * convolution. Real-ESRGAN's networks for a smaller factor than four read squares of pixels as channels first.
 */
final class RrdbNet implements UpscalerNet {
    private static final int COLOURS = 3;

    private final ModelMemory memory;
    private final int square;
    private final Conv2d first;
    private final List<DenseBlock[]> body = new ArrayList<>();
    private final Conv2d bodyOut;
    private final List<Conv2d> ups = new ArrayList<>();
    private final Conv2d highResolution;
    private final Conv2d last;

    private RrdbNet(Params p) {
        memory = p.memory();
        Weights w = p.weights();
        int features = w.shape("conv_first.weight", 4).dim(0);
        int grow = w.shape("body.0.rdb1.conv1.weight", 4).dim(0);
        square = square(w);
        first = Conv2d.load(p.sub("conv_first"), COLOURS * square * square, features, 3);
        for (int b = 0; p.has("body." + b); b++) {
            DenseBlock[] dense = new DenseBlock[3];
            for (int d = 0; d < dense.length; d++) {
                dense[d] = DenseBlock.load(p.sub("body." + b + ".rdb" + (d + 1)), features, grow);
            }
            body.add(dense);
        }
        bodyOut = Conv2d.load(p.sub("conv_body"), features, features, 3);
        for (int i = 1; p.has("conv_up" + i); i++) {
            ups.add(Conv2d.load(p.sub("conv_up" + i), features, features, 3));
        }
        if (1 << ups.size() < square) {
            throw CheckpointException.of(w.checkpoint().source(), "an upscaler that does not make pictures smaller", ups.size()
                + " doublings after squares of " + square + " pixels");
        }
        highResolution = Conv2d.load(p.sub("conv_hr"), features, features, 3);
        last = Conv2d.load(p.sub("conv_last"), features, COLOURS, 3);
    }

    /** Side of the squares of pixels that become channels. */
    private static int square(Weights w) {
        int channels = w.shape("conv_first.weight", 4).dim(1);
        for (int s = 1; s <= 4; s *= 2) {
            if (channels == COLOURS * s * s) {
                return s;
            }
        }
        throw CheckpointException.of(w.checkpoint().source(), "an upscaler with 3, 12 or 48 input channels",
            channels + " channels");
    }

    /**
     * Sizes come from the shapes of the weights.
     *
     * @param ops an arena of its own, in the type of the activations
     * @param w   under today's names ({@code conv_first}, {@code body.N.rdbN.convN}, ...)
     */
    public static RrdbNet load(Ops ops, Weights w) {
        ModelMemory memory = new ModelMemory(ops);
        try {
            return new RrdbNet(new Params(w, memory));
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /** How many times the sides grow: a power of two, or 1 for a network that cleans only. */
    @Override
    public int scale() {
        return (1 << ups.size()) / square;
    }

    @Override
    public int multiple() {
        return square;
    }

    @Override
    public Ops ops() {
        return memory.ops();
    }

    @Override
    public Tensor forward(Ops parent, Tensor x) {
        return parent.scoped(ops -> {
            Tensor start = first.forward(ops, square == 1 ? x : ops.pixelUnshuffle(x, square));
            Tensor h = start;
            for (DenseBlock[] dense : body) {
                Tensor next = block(ops, dense, h);
                if (h != start) {
                    ops.release(h);
                }
                h = next;
            }
            h = replace(ops, h, bodyOut.forward(ops, h, null, null, start));
            ops.release(start);
            for (Conv2d up : ups) {
                h = replace(ops, h, doubled(ops, up, h));
            }
            h = replace(ops, h, highResolution.forward(ops, h, Activation.LEAKY_RELU));
            return last.forward(ops, h);
        });
    }

    /** x + 0.2 * three dense blocks. */
    private static Tensor block(Ops parent, DenseBlock[] dense, Tensor x) {
        return parent.scoped(ops -> {
            Tensor h = x;
            for (DenseBlock d : dense) {
                h = replace(ops, h, d.forward(ops, h));
            }
            return ops.combine(x.dtype(), new double[] {DenseBlock.RESIDUAL_SCALE, 1}, h, x);
        });
    }

    private static Tensor doubled(Ops ops, Conv2d conv, Tensor x) {
        int h = 2 * x.dim(1);
        int w = 2 * x.dim(2);
        return ops.conv2d(x, null, conv.weights(), null, null, h, w, 1, 1, 1, h, w, Activation.LEAKY_RELU.code());
    }

    /** Frees the input of a layer once its result is there: pictures are large. */
    private static Tensor replace(Ops ops, Tensor old, Tensor fresh) {
        ops.release(old);
        return fresh;
    }

    @Override
    public void close() {
        memory.close();
    }
}
