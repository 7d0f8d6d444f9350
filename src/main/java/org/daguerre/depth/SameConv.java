package org.daguerre.depth;

import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/**
 * Convolution with padding "same" as TensorFlow has it: ceil(size / stride), and an odd pixel of padding goes right and
 * below.
 */
record SameConv(PackedWeights weights, int stride) {

    static SameConv load(Params p, int in, int out, int kernel, int stride) {
        return new SameConv(p.withoutBias().conv2d(out, in, kernel, 0), stride);
    }

    static int outSize(int size, int stride) {
        return (size + stride - 1) / stride;
    }

    /** Pixels of padding above or on the left. */
    static int before(int size, int kernel, int stride) {
        return Math.max(0, (outSize(size, stride) - 1) * stride + kernel - size) / 2;
    }

    Tensor forward(Ops ops, Tensor x) {
        int h = x.dim(1);
        int w = x.dim(2);
        int k = weights.kernelHeight();
        return ops.conv2d(x, null, weights, null, null, h, w, stride, before(h, k, stride), before(w, k, stride),
            outSize(h, stride), outSize(w, stride), 0);
    }
}
