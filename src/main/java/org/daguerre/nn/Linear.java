package org.daguerre.nn;

import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** y = act(x W^T + b) [+ residual]; x [..., in] -> [..., out]. */
public record Linear(PackedWeights weights) {

    public static Linear load(Params p, int in, int out) {
        return new Linear(p.linear(out, in));
    }

    public Tensor forward(Ops ops, Tensor x) {
        return ops.linear(x, weights);
    }

    public Tensor forward(Ops ops, Tensor x, Activation f) {
        return ops.linear(x, weights, null, f.code());
    }

    /** With {@code residual} added at the end. */
    public Tensor forward(Ops ops, Tensor x, Tensor residual) {
        return ops.linear(x, weights, residual, Activation.NONE.code());
    }
}
