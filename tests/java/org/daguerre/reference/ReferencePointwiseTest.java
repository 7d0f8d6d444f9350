package org.daguerre.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything that looks at one element or one window, on cases by hand and published values. */
class ReferencePointwiseTest {
    private final Ops ops = Ops.on(new ReferenceBackend());

    private double apply(Activation f, double x) {
        return ops.download(ops.activation(ops.upload(new float[] {(float) x}, 1), f))[0];
    }

    /** At 1, -1 and 2.5, to seven digits. */
    @ParameterizedTest
    @CsvSource({"NONE, 1, -1, 2.5", "SILU, 0.7310586, -0.2689414, 2.3103545", "GELU, 0.8413447, -0.1586553, 2.4844758",
        "QUICK_GELU, 0.8457958, -0.1542042, 2.4650138", "RELU, 1, 0, 2.5", "LEAKY_RELU, 1, -0.2, 2.5",
            "TANH, 0.7615942, -0.7615942, 0.9866143",
        "SIGMOID, 0.7310586, 0.2689414, 0.9241418", "SOFT_CLAMP_3, 0.9645382, -0.9645382, 2.0467854",
        "ELU, 1, -0.6321206, 2.5",
        "LEAKY_RELU_01, 1, -0.01, 2.5", "SOFTPLUS, 1.3132617, 0.3132617, 2.5788897",
        "MISH, 0.8650984, -0.3034015, 2.4713923"})
    void activations(Activation f, double one, double minusOne, double twoAndAHalf) {
        assertEquals(one, apply(f, 1), 1e-6);
        assertEquals(minusOne, apply(f, -1), 1e-6);
        assertEquals(twoAndAHalf, apply(f, 2.5), 1e-6);
    }

    /** Far out, every function is finite and has its limit: the input, zero, or a constant. */
    @ParameterizedTest
    @EnumSource(Activation.class)
    void activationsFarOut(Activation f) {
        double high = apply(f, 1e4);
        double low = apply(f, -1e4);
        assertTrue(high == 1e4 || high == 1 || high == 3, f + " of 1e4: " + high);
        assertTrue(low == -1e4 || low == 0 || low == -1 || low == -3 || low == -2000 || low == -100, f + " of -1e4: "
            + low);
        assertEquals(f == Activation.SIGMOID ? 0.5 : f == Activation.SOFTPLUS ? Math.log(2) : 0, apply(f, 0), 1e-7);
    }

    @Test
    void combination() {
        Tensor a = ops.upload(new float[] {1, 2}, 2);
        Tensor b = ops.upload(new float[] {10, 20}, 2);
        assertArrayEquals(new float[] {8, 16}, ops.download(ops.combine(new double[] {-2, 1}, a, b)));
        ops.combineInto(a, new double[] {3, 1}, a, b);
        assertArrayEquals(new float[] {13, 26}, ops.download(a));
    }

    /** f_0 = 1 and f_1 = 10000^(-1/2) = 0.01 at four dimensions; cosines first. */
    @Test
    void timestepEmbedding() {
        float[] y = ops.download(ops.timestepEmbedding(ops.upload(new float[] {0, 100}, 2), 4));
        assertArrayEquals(new float[] {1, 1, 0, 0, (float) Math.cos(100), (float) Math.cos(1), (float) Math.sin(100),
            (float) Math.sin(1)}, y,
            1e-6f);
    }

    @Test
    void embedding() {
        Tensor table = ops.upload(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor positions = ops.upload(new float[] {10, 20, 30, 40}, 2, 2);
        Tensor ids = ops.uploadIds(new int[] {2, 0, 1, 1}, 2, 2);
        assertArrayEquals(new float[] {15, 26, 31, 42, 13, 24, 33, 44},
            ops.download(ops.embedding(ids, table, positions)));
        assertArrayEquals(new float[] {5, 6, 1, 2, 3, 4, 3, 4}, ops.download(ops.embedding(ids, table, null)));
    }

    @Test
    void blendTakesBWhereTheMaskIsOne() {
        Tensor a = ops.upload(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 1, 2, 2);
        Tensor b = ops.upload(new float[] {11, 12, 13, 14, 15, 16, 17, 18}, 2, 1, 2, 2);
        Tensor shared = ops.upload(new float[] {1, 0.5f}, 1, 1, 2);
        assertArrayEquals(new float[] {11, 12, 8, 9, 15, 16, 12, 13}, ops.download(ops.blend(a, b, shared)));
        Tensor own = ops.upload(new float[] {1, 0, 0, 1}, 2, 1, 2);
        assertArrayEquals(new float[] {11, 12, 3, 4, 5, 6, 17, 18}, ops.download(ops.blend(a, b, own)));
    }

    @Test
    void layouts() {
        Tensor nchw = ops.upload(new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 1, 3);
        Tensor nhwc = ops.toNhwc(nchw, ops.type());
        assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, ops.download(nhwc));
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, ops.download(ops.toNchw(nhwc)));
    }

    @Test
    void columnsAndRows() {
        Tensor a = ops.upload(new float[] {1, 2, 3, 4}, 2, 2);
        Tensor b = ops.upload(new float[] {5, 6}, 2, 1);
        assertArrayEquals(new float[] {1, 2, 5, 3, 4, 6}, ops.download(ops.concat(a, b)));
        assertArrayEquals(new float[] {2, 4}, ops.download(ops.slice(a.columns(1, 1))));
        assertArrayEquals(new float[] {3, 4, 1, 2, 3, 4}, ops.download(ops.stack(a.rows(1, 2), a)));
    }

    /** 0 4 enlarged to four: nearest, half-pixel centres, aligned corners (values of PyTorch's interpolate). */
    @Test
    void resizing() {
        Tensor x = ops.upload(new float[] {0, 4}, 1, 1, 2, 1);
        assertArrayEquals(new float[] {0, 0, 4, 4}, ops.download(ops.resize(x, 1, 4, Backend.Resize.NEAREST)));
        assertArrayEquals(new float[] {0, 1, 3, 4}, ops.download(ops.resize(x, 1, 4, Backend.Resize.BILINEAR)));
        assertArrayEquals(new float[] {0, 4 / 3f, 8 / 3f, 4},
            ops.download(ops.resize(x, 1, 4, Backend.Resize.BILINEAR_CORNERS)), 1e-6f);
        Tensor square = ops.upload(new float[] {0, 2, 4, 6}, 1, 2, 2, 1);
        assertArrayEquals(new float[] {3}, ops.download(ops.resize(square, 1, 1, Backend.Resize.BILINEAR)));
    }

    /** The example of PyTorch's documentation: channel c r r + dy r + dx. */
    @Test
    void pixelShuffle() {
        Tensor small = ops.upload(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 1, 8);
        Tensor large = ops.pixelShuffle(small, 2);
        assertArrayEquals(new float[] {1, 5, 2, 6, 3, 7, 4, 8}, ops.download(large));
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, ops.download(ops.pixelUnshuffle(large, 2)));
    }

    @Test
    void maximumOverWindows() {
        Tensor x = ops.upload(new float[] {-1, -2, -3, -4, -5, -6, -7, -8, -9}, 1, 3, 3, 1);
        assertArrayEquals(new float[] {-1, -2, -4, -5}, ops.download(ops.maxPool(x, 3, 2, 1, 1, 2, 2)));
        assertArrayEquals(new float[] {-1, -2, -4, -5}, ops.download(ops.maxPool(x, 2, 1, 0, 0, 2, 2)));
    }

    @Test
    void nonFiniteValues() {
        assertEquals(3, ops.countNonFinite(ops.upload(new float[] {1, Float.NaN, 0, Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY}, 5)));
        assertEquals(0, ops.countNonFinite(ops.upload(new float[] {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE},
            3)));
    }
}
