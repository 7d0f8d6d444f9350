package org.daguerre.nn;

import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Group normalisation (Wu and He 2018) on [N, ..., C], with an activation. */
public record GroupNorm(Tensor weight, Tensor bias, int groups, float eps) {

    public static GroupNorm load(Params p, int channels, int groups, float eps) {
        return new GroupNorm(p.vector("weight", channels), p.vector("bias", channels), groups, eps);
    }

    public Tensor forward(Ops ops, Tensor x) {
        return forward(ops, x, null, Activation.NONE);
    }

    /** Over the concatenation of {@code x} and {@code x2} (which may be null) on channels. */
    public Tensor forward(Ops ops, Tensor x, Tensor x2, Activation f) {
        return ops.groupNorm(x, x2, weight, bias, groups, eps, f);
    }

    /** Writes the result over {@code x} and returns it. */
    public Tensor inPlace(Ops ops, Tensor x, Activation f) {
        return ops.groupNormInPlace(x, weight, bias, groups, eps, f);
    }
}
