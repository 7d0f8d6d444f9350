package org.daguerre.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.daguerre.reference.ReferenceBackend;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each demand on the arguments of each operation, broken once: an exception with operation, expectation and finding.
 */
class OpsArgumentsTest {
    private final Backend backend = new ReferenceBackend();
    private final Ops ops = Ops.on(backend);
    private final PackedWeights conv = conv(4, 3, 0);
    private final PackedWeights conv2 = conv(4, 2, 1);
    private final PackedWeights linear = linear(4, 3, false);
    private final PackedWeights geglu = linear(4, 3, true);

    private PackedWeights conv(int o, int c, int c2) {
        return backend.packConv2d(DType.F32, HostTensor.of("w", Shape.of(o, c + c2, 3, 3), new float[9 * o * (c + c2)]),
            null, c2);
    }

    private PackedWeights linear(int o, int k, boolean geglu) {
        return backend.packLinear(DType.F32, HostTensor.of("w", Shape.of(o, k), new float[o * k]), null, geglu);
    }

    private Tensor t(int... dims) {
        return ops.empty(DType.F32, dims);
    }

    private Tensor ids(int... dims) {
        return ops.empty(DType.I32, dims);
    }

    /** The shape of a tensor that no engine has: half floats on the java engine. */
    private Tensor half(int... dims) {
        return new Tensor(t(dims).buffer(), 0, DType.F16, Shape.of(dims));
    }

    private Tensor conv(Tensor x, int up, int stride, int pad, int out, int activation) {
        return ops.conv2d(x, null, conv, null, null, up, up, stride, pad, pad, out, out, activation);
    }

    private DynamicTest refused(String operation, String what, Runnable call) {
        return DynamicTest.dynamicTest(operation + ": " + what, () -> {
            String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
            assertTrue(message.startsWith(operation + ": expected ") && message.contains(", found "), message);
        });
    }

    @TestFactory
    Stream<DynamicTest> convolution() {
        Tensor x = t(2, 5, 5, 3);
        return Stream.of(
            refused("conv2d", "rank", () -> ops.conv2d(t(5, 5, 3), conv)),
            refused("conv2d", "channels", () -> ops.conv2d(t(1, 5, 5, 4), conv)),
            refused("conv2d", "linear weights", () -> ops.conv2d(x, linear)),
            refused("conv2d", "no second source", () -> ops.conv2d(t(1, 5, 5, 2), conv2)),
            refused("conv2d", "a second source too many", () ->
            ops.conv2d(x, t(2, 5, 5, 1), conv, null, null, Activation.NONE)),
            refused("conv2d", "another size of the second source",
                () -> ops.conv2d(t(1, 5, 5, 2), t(1, 5, 4, 1), conv2, null, null, Activation.NONE)),
            refused("conv2d", "type", () -> ops.conv2d(half(2, 5, 5, 3), conv)),
            refused("conv2d", "rows of the embedding", () ->
            ops.conv2d(x, null, conv, t(3, 4).columns(), null, Activation.NONE)),
            refused("conv2d", "columns of the embedding", () ->
            ops.conv2d(x, null, conv, t(2, 5).columns(), null, Activation.NONE)),
            refused("conv2d", "residual", () -> ops.conv2d(x, null, conv, null, t(2, 5, 4, 4), Activation.NONE)),
            refused("conv2d", "smaller instead of larger", () -> conv(x, 4, 1, 1, 4, 0)),
            refused("conv2d", "stride", () -> conv(x, 5, 0, 1, 5, 0)),
            refused("conv2d", "negative padding", () -> conv(x, 5, 1, -1, 5, 0)),
            refused("conv2d", "padding beyond the kernel", () -> conv(x, 5, 1, 3, 5, 0)),
            refused("conv2d", "no output", () -> conv(x, 5, 1, 1, 0, 0)),
            refused("conv2d", "activation", () -> conv(x, 5, 1, 1, 5, 13)),
            refused("conv2d", "activation after the residual", () ->
            conv(x, 5, 1, 1, 5, 13 | Activation.AFTER_RESIDUAL)),
            refused("conv2d", "negative activation", () -> conv(x, 5, 1, 1, 5, -1)));
    }

    @TestFactory
    Stream<DynamicTest> linearLayer() {
        return Stream.of(
            refused("linear", "columns", () -> ops.linear(t(5, 4), linear)),
            refused("linear", "weights of a convolution", () -> ops.linear(t(5, 3), conv)),
            refused("linear", "type", () -> ops.linear(half(5, 3), linear)),
            refused("linear", "residual", () -> ops.linear(t(5, 3), linear, t(5, 3), 0)),
            refused("linear", "activation", () -> ops.linear(t(5, 3), linear, null, 99)),
            refused("linear", "geglu with a residual", () -> ops.linear(t(5, 3), geglu, t(5, 2), 0)),
            refused("linear", "geglu with an activation", () ->
            ops.linear(t(5, 3), geglu, null, Activation.SILU.code())));
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
        return ops.attention(q.columns(), k.columns(), v.columns(), heads, causal);
    }

    @TestFactory
    Stream<DynamicTest> attention() {
        Tensor q = t(2, 3, 8);
        return Stream.of(
            refused("attention", "heads", () -> attend(q, q, q, 3, false)),
            refused("attention", "no heads", () -> attend(q, q, q, 0, false)),
            refused("attention", "rank", () -> attend(t(3, 8), q, q, 2, false)),
            refused("attention", "batch", () -> attend(q, t(1, 3, 8), t(1, 3, 8), 2, false)),
            refused("attention", "keys and values", () -> attend(q, t(2, 4, 8), t(2, 5, 8), 2, false)),
            refused("attention", "widths", () -> attend(q, t(2, 3, 4), q, 2, false)),
            refused("attention", "causal over other keys", () -> attend(q, t(2, 4, 8), t(2, 4, 8), 2, true)),
            refused("attention", "type", () -> attend(q, half(2, 3, 8), q, 2, false)));
    }

    @TestFactory
    Stream<DynamicTest> norms() {
        Tensor x = t(2, 3, 3, 6);
        Activation none = Activation.NONE;
        return Stream.of(
            refused("groupNorm", "groups", () -> ops.groupNorm(x, null, t(6), t(6), 4, 1e-5f, none)),
            refused("groupNorm", "no groups", () -> ops.groupNorm(x, null, t(6), t(6), 0, 1e-5f, none)),
            refused("groupNorm", "weight", () -> ops.groupNorm(x, null, t(5), t(6), 3, 1e-5f, none)),
            refused("groupNorm", "bias", () -> ops.groupNorm(x, null, t(6), t(7), 3, 1e-5f, none)),
            refused("groupNorm", "second source", () -> ops.groupNorm(x, t(2, 3, 2, 6), t(12), t(12), 3, 1e-5f, none)),
            refused("groupNorm", "activation", () -> ops.groupNorm(x, null, t(6), t(6), 3, 1e-5f, Activation.GELU)),
            refused("groupNorm", "type of weight", () -> ops.groupNorm(x, null, half(6), t(6), 3, 1e-5f, none)),
            refused("layerNorm", "weight", () -> ops.layerNorm(x, t(5), t(6), 1e-5f)),
            refused("layerNorm", "bias", () -> ops.layerNorm(x, t(6), t(5), 1e-5f)),
            refused("guidance", "shapes", () -> ops.guidance(x, t(2, 3, 3, 5), 7.5, 0)),
            refused("guidance", "types", () -> ops.guidance(x, half(2, 3, 3, 6), 7.5, 0)));
    }

    @TestFactory
    Stream<DynamicTest> elements() {
        Tensor x = t(2, 3);
        double[] one = {1};
        return Stream.of(
            refused("combine", "no terms", () -> ops.combine(new double[0])),
            refused("combine", "nine terms", () -> ops.combine(new double[9], x, x, x, x, x, x, x, x, x)),
            refused("combine", "coefficients", () -> ops.combine(one, x, x)),
            refused("combine", "shapes", () -> ops.combine(new double[2], x, t(3, 2))),
            refused("combine", "shape of the result", () -> ops.combineInto(t(6), one, x)),
            refused("combine", "coefficients of combineInto", () -> ops.combineInto(t(2, 3), new double[2], x)),
            refused("combine", "integers", () -> ops.combine(one, ids(2, 3))),
            refused("blend", "shapes", () -> ops.blend(t(1, 2, 2, 3), t(1, 2, 2, 4), t(1, 2, 2))),
            refused("blend", "mask", () -> ops.blend(t(3, 2, 2, 3), t(3, 2, 2, 3), t(2, 2, 2))),
            refused("embedding", "ids", () -> ops.embedding(t(1, 2), t(5, 4), null)),
            refused("embedding", "table", () -> ops.embedding(ids(1, 2), t(5), null)),
            refused("embedding", "positions", () -> ops.embedding(ids(1, 3), t(5, 4), t(2, 4))),
            refused("timestepEmbedding", "odd", () -> ops.timestepEmbedding(t(1), 5)),
            refused("timestepEmbedding", "none", () -> ops.timestepEmbedding(t(1), 0)));
    }

    @TestFactory
    Stream<DynamicTest> layouts() {
        Tensor x = t(1, 4, 6, 3);
        return Stream.of(
            refused("toNhwc", "rank", () -> ops.toNhwc(t(4, 6, 3), DType.F32)),
            refused("toNchw", "rank", () -> ops.toNchw(t(4, 6, 3))),
            refused("concat", "rows", () -> ops.concat(t(2, 3), t(3, 3))),
            refused("concat", "nothing", () -> ops.concat()),
            refused("concat", "types", () -> ops.concat(t(2, 3), half(2, 3))),
            refused("stack", "columns", () -> ops.stack(t(2, 3), t(2, 4))),
            refused("resize", "rank", () -> ops.resize(t(4, 6, 3), 2, 2, Backend.Resize.NEAREST)),
            refused("resize", "size", () -> ops.resize(x, 0, 2, Backend.Resize.NEAREST)),
            refused("pixelUnshuffle", "sides", () -> ops.pixelUnshuffle(x, 4)),
            refused("pixelUnshuffle", "factor", () -> ops.pixelUnshuffle(x, 0)),
            refused("pixelShuffle", "channels", () -> ops.pixelShuffle(x, 2)),
            refused("pixelShuffle", "factor", () -> ops.pixelShuffle(x, -1)),
            refused("maxPool", "stride", () -> ops.maxPool(x, 2, 0, 0, 0, 2, 3)),
            refused("maxPool", "padding", () -> ops.maxPool(x, 2, 2, 2, 0, 2, 3)),
            refused("maxPool", "output", () -> ops.maxPool(x, 2, 2, 0, 0, 0, 3)));
    }

    @Test
    void unsupportedTypeOfActivations() {
        String message = assertThrows(IllegalArgumentException.class, () -> Ops.on(backend, DType.F16)).getMessage();
        assertEquals("engine java: activations of type F16 are not supported", message);
        assertThrows(IllegalArgumentException.class, () -> ops.child(DType.BF16));
    }
}
