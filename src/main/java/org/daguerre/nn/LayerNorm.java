package org.daguerre.nn;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Layer normalisation (Ba et al. 2016) over the innermost dimension. */
public record LayerNorm(Tensor weight, Tensor bias, float eps) {

    public static LayerNorm load(Params p, int channels, float eps) {
        return new LayerNorm(p.vector("weight", channels), p.vector("bias", channels), eps);
    }

    public Tensor forward(Ops ops, Tensor x) {
        return ops.layerNorm(x, weight, bias, eps);
    }
}
