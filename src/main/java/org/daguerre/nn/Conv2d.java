package org.daguerre.nn;

import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** A square convolution that keeps the size; x [N, H, W, in] -> [N, H, W, out]. */
public record Conv2d(PackedWeights weights) {

    public static Conv2d load(Params p, int in, int out, int kernel) {
        return new Conv2d(p.conv2d(out, in, kernel, 0));
    }

    /** The last {@code in2} input channels come from a second tensor. */
    public static Conv2d load(Params p, int in, int in2, int out, int kernel) {
        return new Conv2d(p.conv2d(out, in + in2, kernel, in2));
    }

    public Tensor forward(Ops ops, Tensor x) {
        return ops.conv2d(x, weights);
    }

    public Tensor forward(Ops ops, Tensor x, Activation f) {
        return ops.conv2d(x, null, weights, null, null, f);
    }

    /** Any of the extras may be null: second source, per-channel embedding, residual. */
    public Tensor forward(Ops ops, Tensor x, Tensor x2, Columns emb, Tensor residual) {
        return ops.conv2d(x, x2, weights, emb, residual, Activation.NONE);
    }

    /** On the input enlarged by nearest neighbour to the given size. */
    public Tensor upsampled(Ops ops, Tensor x, int height, int width) {
        return ops.conv2dUpsampled(x, weights, height, width);
    }

    /** Stride 2, zeros on all sides: ceil(H / 2). */
    public Tensor halved(Ops ops, Tensor x) {
        return halved(ops, x, Activation.NONE);
    }

    public Tensor halved(Ops ops, Tensor x, Activation f) {
        return ops.conv2d(x, null, weights, null, null, x.dim(1), x.dim(2), 2, 1, 1, (x.dim(1) + 1) / 2, (x.dim(2) + 1) / 2, f.code());
    }

    /** Stride 2, zeros only below and on the right: floor(H / 2). */
    public Tensor halvedBottomRight(Ops ops, Tensor x) {
        return ops.conv2d(x, null, weights, null, null, x.dim(1), x.dim(2), 2, 0, 0, x.dim(1) / 2, x.dim(2) / 2, 0);
    }
}
