package org.daguerre.depth;

import org.daguerre.nn.Conv2d;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * RefineNet step (Lin et al. 2017) from one resolution to the next: + features, residual convolutions, twice the size,
 * 1x1.
 */
record Fusion(Residual features, Residual own, Conv2d projection) {

    /** relu, 3x3, relu, 3x3, + input. */
    record Residual(Conv2d conv1, Conv2d conv2) {
        static Residual load(Params p, int width) {
            return new Residual(Conv2d.load(p.sub("convolution1"), width, width, 3),
                Conv2d.load(p.sub("convolution2"), width, width, 3));
        }

        Tensor forward(Ops parent, Tensor x) {
            return parent.scoped(ops -> {
                Tensor h = conv1.forward(ops, ops.activation(x, Activation.RELU), Activation.RELU);
                return conv2.forward(ops, h, null, null, x);
            });
        }
    }

    /** @param first whether nothing comes from below; the file has weights for it all the same */
    static Fusion load(Params p, int width, boolean first) {
        if (first) {
            p.weights().ignore("residual_layer1");
        }
        return new Fusion(first ? null : Residual.load(p.sub("residual_layer1"), width),
            Residual.load(p.sub("residual_layer2"), width), Conv2d.load(p.sub("projection"), width, width, 1));
    }

    /**
     * @param x     from the resolution below, or null
     * @param level features of this resolution
     */
    Tensor forward(Ops parent, Tensor x, Tensor level) {
        return parent.scoped(ops -> {
            Tensor sum = x == null ? level : ops.add(x, features.forward(ops, level));
            Tensor h = own.forward(ops, sum);
            Tensor larger = ops.resize(h, 2 * h.dim(1), 2 * h.dim(2), Backend.Resize.BILINEAR_CORNERS);
            return projection.forward(ops, larger);
        });
    }
}
