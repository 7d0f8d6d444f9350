package org.daguerre.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.daguerre.tensor.Activation;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Convolution, linear layer and attention of the {@code java} engine on cases that were worked out by hand. */
class ReferenceLayersTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private final Ops ops = Ops.on(backend);

    private PackedWeights conv(float[] w, float[] bias, int c2, int... dims) {
        return backend.packConv2d(DType.F32, HostTensor.of("w", Shape.of(dims), w),
            bias == null ? null : HostTensor.of("b", Shape.of(bias.length), bias), c2);
    }

    private PackedWeights linear(float[] w, float[] bias, boolean geglu, int o, int k) {
        return backend.packLinear(DType.F32, HostTensor.of("w", Shape.of(o, k), w),
            HostTensor.of("b", Shape.of(o), bias), geglu);
    }

    private void check(Tensor y, float... expected) {
        assertArrayEquals(expected, ops.download(y), 1e-6f);
    }

    /** A kernel of 1..9 over the picture 1 2 / 3 4: each output sees the kernel's part that lies on the picture. */
    @Test
    void threeByThreeIsCrossCorrelation() {
        Tensor x = ops.upload(new float[] {1, 2, 3, 4}, 1, 2, 2, 1);
        PackedWeights w = conv(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, new float[] {100}, 0, 1, 1, 3, 3);
        check(ops.conv2d(x, w), 100 + 5 + 12 + 24 + 36, 100 + 4 + 10 + 21 + 32, 100 + 2 + 6 + 15 + 24, 100 + 1 + 4 + 12
            + 20);
    }

    /** Two outputs from two input channels: PyTorch's weight order [O, C, KH, KW]. */
    @Test
    void oneByOneMixesChannels() {
        Tensor x = ops.upload(new float[] {1, 10, 2, 20}, 1, 1, 2, 2);
        check(ops.conv2d(x, conv(new float[] {1, 2, 3, 4}, null, 0, 2, 2, 1, 1)), 21, 43, 42, 86);
    }

    @Test
    void secondSourceTakesTheLastInputChannels() {
        Tensor x = ops.upload(new float[] {1, 2}, 1, 1, 2, 1);
        Tensor x2 = ops.upload(new float[] {10, 20}, 1, 1, 2, 1);
        PackedWeights w = conv(new float[] {3, 5}, null, 1, 1, 2, 1, 1);
        check(ops.conv2d(x, x2, w, null, null, Activation.NONE), 53, 106);
    }

    @Test
    void strideAndPadding() {
        Tensor x = ops.upload(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 1, 4, 4, 1);
        PackedWeights ones = conv(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1}, null, 0, 1, 1, 3, 3);
        check(ops.conv2d(x, null, ones, null, null, 4, 4, 2, 1, 1, 2, 2, 0), 14, 30, 57, 99);
        check(ops.conv2d(x, null, ones, null, null, 4, 4, 2, 0, 0, 2, 2, 0), 54, 45, 72, 54);
    }

    @Test
    void upsamplingRepeatsTheSource() {
        Tensor x = ops.upload(new float[] {1, 2}, 1, 1, 2, 1);
        PackedWeights w = conv(new float[] {1}, null, 0, 1, 1, 1, 1);
        check(ops.conv2dUpsampled(x, w, 2, 4), 1, 1, 2, 2, 1, 1, 2, 2);
        check(ops.conv2dUpsampled(x, w, 1, 3), 1, 1, 2);
    }

    /** act(conv + bias + emb) + residual, or act after the residual. */
    @Test
    void orderOfTheEpilogue() {
        Tensor x = ops.upload(new float[] {1, 1}, 2, 1, 1, 1);
        PackedWeights w = conv(new float[] {2}, new float[] {1}, 0, 1, 1, 1, 1);
        Tensor residual = ops.upload(new float[] {10, 20}, 2, 1, 1, 1);
        Tensor perRow = ops.upload(new float[] {-5, 9, 4, 9}, 2, 2);
        Tensor shared = ops.upload(new float[] {9, -5}, 1, 2);
        check(ops.conv2d(x, null, w, perRow.columns(0, 1), residual, Activation.RELU), 10, 27);
        check(ops.conv2d(x, null, w, shared.columns(1, 1), residual, Activation.RELU), 10, 20);
        check(ops.conv2d(x, null, w, perRow.columns(0, 1), residual, 1, 1, 1, 0, 0, 1, 1,
            Activation.RELU.code() | Activation.AFTER_RESIDUAL), 8, 27);
    }

    @Test
    void linearLayer() {
        Tensor x = ops.upload(new float[] {1, 2, 3, -1, 0, 1}, 2, 3);
        PackedWeights w = linear(new float[] {1, 0, 0, 1, 1, 1}, new float[] {0.5f, -10}, false, 2, 3);
        check(ops.linear(x, w), 1.5f, -4, -0.5f, -10);
        check(ops.linear(x, w, ops.upload(new float[] {1, 2, 3, 4}, 2, 2), Activation.RELU.code()), 2.5f, 2, 3, 4);
    }

    /** value * gelu(gate); gelu(1) = Phi(1) = 0.8413447. */
    @Test
    void gegluTakesTheSecondHalfAsGate() {
        PackedWeights w = linear(new float[] {2, 3, 1, 0}, new float[] {0, 0, 0, 1}, true, 4, 1);
        check(ops.linear(ops.upload(new float[] {1}, 1, 1), w), 2 * 0.84134475f, 3 * 0.84134475f);
    }

    /** One head of size 1, so the scale is 1: scores 0 and ln 3 give weights 1/4 and 3/4. */
    @Test
    void attentionIsTheSoftmaxOfScaledProducts() {
        Tensor q = ops.upload(new float[] {1, 2}, 1, 2, 1);
        Tensor k = ops.upload(new float[] {0, (float) Math.log(3)}, 1, 2, 1);
        Tensor v = ops.upload(new float[] {4, 8}, 1, 2, 1);
        check(ops.attention(q.columns(), k.columns(), v.columns(), 1, false), 7, 4 * 0.1f + 8 * 0.9f);
        check(ops.attention(q.columns(), k.columns(), v.columns(), 1, true), 4, 4 * 0.1f + 8 * 0.9f);
    }

    /** Head size 4: the scale is 1/2. Two heads see their own columns only. */
    @Test
    void headsAndScale() {
        float s = (float) (2 * Math.log(3) / 4);
        Tensor q = ops.upload(new float[] {1, 1, 1, 1, 0, 0, 0, 0}, 1, 1, 8);
        Tensor k = ops.upload(new float[] {0, 0, 0, 0, 9, 9, 9, 9, s, s, s, s, 7, 7, 7, 7}, 1, 2, 8);
        Tensor v = ops.upload(new float[] {0, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 8, 0, 0, 4}, 1, 2, 8);
        check(ops.attention(q.columns(), k.columns(), v.columns(), 2, false), 3, 0, 0, 0, 4, 0, 0, 3);
    }

    @Test
    void attentionReadsColumnViews() {
        Tensor qkv = ops.upload(new float[] {9, 1, 0, 4, 9, 2, (float) Math.log(3), 8}, 1, 2, 4);
        check(ops.attention(qkv.columns(1, 1), qkv.columns(2, 1), qkv.columns(3, 1), 1, false), 7, 4 * 0.1f + 8 * 0.9f);
    }

    /** Scores near 1000 would overflow the exponential without the maximum taken off. */
    @Test
    void attentionSurvivesLargeScores() {
        Tensor q = ops.upload(new float[] {1000}, 1, 1, 1);
        Tensor k = ops.upload(new float[] {1, 1 - 0.00109861229f}, 1, 2, 1);
        Tensor v = ops.upload(new float[] {4, 8}, 1, 2, 1);
        assertEquals(5, ops.download(ops.attention(q.columns(), k.columns(), v.columns(), 1, false))[0], 1e-3);
    }
}
