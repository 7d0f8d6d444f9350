package org.daguerre.adapter;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiFunction;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * The functions that A1111 offers between the layers of a hypernetwork, by its names. Those that engines lack are sums
 * of those that they have.
 */
final class HypernetworkActivation {
    private static final double SELU_SCALE = 1.0507009873554805;
    private static final double SELU_ALPHA = 1.6732632423543772;

    private HypernetworkActivation() {
    }

    /** Null if there is no such function here. */
    static BiFunction<Ops, Tensor, Tensor> of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "linear", "identity" -> (ops, x) -> x;
            case "relu" -> direct(Activation.RELU);
            case "leakyrelu" -> direct(Activation.LEAKY_RELU_01);
            case "elu", "celu" -> direct(Activation.ELU);
            case "tanh" -> direct(Activation.TANH);
            case "sigmoid" -> direct(Activation.SIGMOID);
            case "gelu" -> direct(Activation.GELU);
            case "silu" -> direct(Activation.SILU);
            case "softplus" -> direct(Activation.SOFTPLUS);
            case "mish" -> direct(Activation.MISH);
            case "selu" -> (ops, x) -> ops.combine(x.dtype(),
                new double[] {SELU_SCALE * (1 - SELU_ALPHA), SELU_SCALE * SELU_ALPHA},
                ops.activation(x, Activation.RELU), ops.activation(x, Activation.ELU));
            case "relu6" -> (ops, x) -> ramp(ops, x, 0, 6);
            case "hardtanh" -> (ops, x) -> shifted(ops, ramp(ops, x, -1, 1), -1);
            case "hardsigmoid" -> (ops, x) -> ops.scale(ramp(ops, x, -3, 3), 1 / 6.0);
            case "swish", "hardswish" -> HypernetworkActivation::hardSwish;
            case "logsigmoid" -> (ops, x) -> ops.scale(ops.activation(ops.scale(x, -1), Activation.SOFTPLUS), -1);
            case "tanhshrink" -> (ops, x) ->
                ops.combine(x.dtype(), new double[] {1, -1}, x, ops.activation(x, Activation.TANH));
            default -> null;
        };
    }

    private static BiFunction<Ops, Tensor, Tensor> direct(Activation f) {
        return (ops, x) -> ops.activation(x, f);
    }

    /** 0 below {@code from}, x - from up to {@code to}, constant above. */
    private static Tensor ramp(Ops ops, Tensor x, double from, double to) {
        Tensor rising = ops.activation(shifted(ops, x, -from), Activation.RELU);
        Tensor above = ops.activation(shifted(ops, x, -to), Activation.RELU);
        return ops.combine(x.dtype(), new double[] {1, -1}, rising, above);
    }

    private static Tensor shifted(Ops ops, Tensor x, double by) {
        float[] constant = new float[Math.toIntExact(x.count())];
        Arrays.fill(constant, (float) by);
        return ops.combine(x.dtype(), new double[] {1, 1}, x, ops.upload(constant, x.shape()));
    }

    /** x times hard sigmoid of x: a blend from 0 to x, with every value as a pixel of its own. */
    private static Tensor hardSwish(Ops ops, Tensor x) {
        int n = Math.toIntExact(x.count());
        Tensor wide = ops.cast(x, DType.F32);
        Tensor gate = ops.scale(ramp(ops, wide, -3, 3), 1 / 6.0).reshape(1, 1, n);
        Tensor y = ops.blend(ops.scale(wide, 0).reshape(1, 1, n, 1), wide.reshape(1, 1, n, 1), gate);
        return ops.cast(y, x.dtype()).reshape(x.shape().toArray());
    }
}
