package org.daguerre.upscale;

import org.daguerre.nn.Conv2d;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Residual dense block: five convolutions, each reading the input and all results before it; then 0.2 times the last,
 * plus the input. The input stays where it is as the convolutions' first source; only the results are joined, as their
 * second source.
 */
record DenseBlock(Conv2d[] convs) {
    static final double RESIDUAL_SCALE = 0.2;
    private static final int CONVS = 5;

    static DenseBlock load(Params p, int features, int grow) {
        Conv2d[] convs = new Conv2d[CONVS];
        for (int i = 0; i < CONVS; i++) {
            int out = i == CONVS - 1 ? features : grow;
            Params conv = p.sub("conv" + (i + 1));
            convs[i] = i == 0 ? Conv2d.load(conv, features, out, 3) : Conv2d.load(conv, features, i * grow, out, 3);
        }
        return new DenseBlock(convs);
    }

    Tensor forward(Ops parent, Tensor x) {
        return parent.scoped(ops -> {
            Tensor grown = convs[0].forward(ops, x, Activation.LEAKY_RELU);
            for (int i = 1; i < CONVS - 1; i++) {
                Tensor next = ops.conv2d(x, grown, convs[i].weights(), null, null, Activation.LEAKY_RELU);
                Tensor joined = ops.concat(grown, next);
                ops.release(grown);
                ops.release(next);
                grown = joined;
            }
            Tensor y = convs[CONVS - 1].forward(ops, x, grown, null, null);
            ops.release(grown);
            return ops.combine(x.dtype(), new double[] {RESIDUAL_SCALE, 1}, y, x);
        });
    }
}
