package org.daguerre.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.Test;

/** Norms and guidance of the {@code java} engine: cases by hand, and what the definitions imply. */
class ReferenceNormsTest {
    private final Ops ops = Ops.on(new ReferenceBackend());

    private Tensor all(float value, int count) {
        float[] v = new float[count];
        Arrays.fill(v, value);
        return ops.upload(v, count);
    }

    /** 1 2 3 4: mean 2.5, variance 1.25. */
    @Test
    void layerNormByHand() {
        Tensor x = ops.upload(new float[] {1, 2, 3, 4}, 1, 4);
        float[] y = ops.download(ops.layerNorm(x, all(1, 4), all(0, 4), 0));
        assertArrayEquals(new float[] {-1.3416408f, -0.4472136f, 0.4472136f, 1.3416408f}, y, 1e-6f);
        float[] scaled = ops.download(ops.layerNorm(x, ops.upload(new float[] {1, 2, 3, 4}, 4), all(10, 4), 1.25f));
        double f = 1 / Math.sqrt(2.5);
        assertArrayEquals(new float[] {(float) (10 - 1.5 * f), (float) (10 - f), (float) (10 + 1.5 * f),
            (float) (10 + 6 * f)}, scaled, 1e-5f);
    }

    /** Two pixels, four channels, two groups: group 0 holds 1 3 5 7 (mean 4, variance 5), group 1 holds -1 -1 1 1. */
    @Test
    void groupNormByHand() {
        Tensor x = ops.upload(new float[] {1, 3, -1, -1, 5, 7, 1, 1}, 1, 1, 2, 4);
        double d = 1 / Math.sqrt(5);
        float[] y = ops.download(ops.groupNorm(x, null, all(1, 4), all(0, 4), 2, 0, Activation.NONE));
        assertArrayEquals(new float[] {(float) (-3 * d), (float) -d, -1, -1, (float) d, (float) (3 * d), 1, 1}, y,
            1e-6f);
        float[] relu = ops.download(ops.groupNorm(x, null, all(2, 4), all(1, 4), 2, 0, Activation.RELU));
        assertArrayEquals(new float[] {0, (float) (1 - 2 * d), 0, 0, (float) (1 + 2 * d), (float) (1 + 6 * d), 3, 3},
            relu, 1e-6f);
    }

    /** For random values: every group of every picture has mean 0 and variance 1, whatever the mean was. */
    @Test
    void groupNormStandardises() {
        for (Values values : new Values[] {Values.NORMAL, Values.OFFSET}) {
            int pixels = 35;
            Tensor x = ops.upload(values.array("x", 2 * pixels * 12), 2, 5, 7, 12);
            float[] y = ops.download(ops.groupNorm(x, null, all(1, 12), all(0, 12), 3, 0, Activation.NONE));
            for (int n = 0; n < 2; n++) {
                for (int g = 0; g < 3; g++) {
                    double sum = 0;
                    double squares = 0;
                    for (int p = 0; p < pixels; p++) {
                        for (int c = 4 * g; c < 4 * g + 4; c++) {
                            double v = y[(n * pixels + p) * 12 + c];
                            sum += v;
                            squares += v * v;
                        }
                    }
                    assertEquals(0, sum / (4 * pixels), 1e-6);
                    assertEquals(1, squares / (4 * pixels), 1e-5);
                }
            }
        }
    }

    @Test
    void twoSourcesAreTheirConcatenation() {
        Tensor a = ops.upload(Values.NORMAL.array("a", 2 * 6 * 5), 2, 2, 3, 5);
        Tensor b = ops.upload(Values.NORMAL.array("b", 2 * 6 * 7), 2, 2, 3, 7);
        Tensor w = ops.upload(Values.NORMAL.array("w", 12), 12);
        Tensor bias = ops.upload(Values.NORMAL.array("bias", 12), 12);
        assertArrayEquals(ops.download(ops.groupNorm(ops.concat(a, b), null, w, bias, 4, 1e-5f, Activation.SILU)),
            ops.download(ops.groupNorm(a, b, w, bias, 4, 1e-5f, Activation.SILU)));
    }

    @Test
    void inPlaceIsTheSame() {
        Tensor x = ops.upload(Values.NORMAL.array("a", 2 * 6 * 12), 2, 2, 3, 12);
        Tensor w = ops.upload(Values.NORMAL.array("w", 12), 12);
        Tensor bias = ops.upload(Values.NORMAL.array("bias", 12), 12);
        float[] apart = ops.download(ops.groupNorm(x, null, w, bias, 4, 1e-5f, Activation.SILU));
        assertArrayEquals(apart, ops.download(ops.groupNormInPlace(x, w, bias, 4, 1e-5f, Activation.SILU)));
        assertArrayEquals(apart, ops.download(x));
    }

    @Test
    void guidanceByHand() {
        Tensor c = ops.upload(new float[] {3, 1}, 1, 2);
        Tensor u = ops.upload(new float[] {1, 2}, 1, 2);
        assertArrayEquals(new float[] {1 + 7.5f * 2, 2 - 7.5f}, ops.download(ops.guidance(c, u, 7.5, 0)));
        // y = (16, -5.5): its deviation is 10.75 times that of c, whose values are 1 off their mean.
        float[] full = ops.download(ops.guidance(c, u, 7.5, 1));
        assertArrayEquals(new float[] {16 / 10.75f, -5.5f / 10.75f}, full, 1e-6f);
        float[] half = ops.download(ops.guidance(c, u, 7.5, 0.5));
        assertArrayEquals(new float[] {8 + 8 / 10.75f, -2.75f - 2.75f / 10.75f}, half, 1e-6f);
    }

    @Test
    void guidanceAtScaleOneIsTheConditional() {
        float[] c = Values.NORMAL.array("c", 40);
        Tensor u = ops.upload(Values.NORMAL.array("u", 40), 2, 20);
        assertArrayEquals(c, ops.download(ops.guidance(ops.upload(c, 2, 20), u, 1, 0)), 1e-7f);
    }

    /** Without any deviation there is nothing to rescale. */
    @Test
    void guidanceLeavesConstantsAlone() {
        float[] y = ops.download(ops.guidance(ops.upload(new float[] {3, 3}, 1, 2),
            ops.upload(new float[] {1, 1}, 1, 2), 2, 0.7));
        assertArrayEquals(new float[] {5, 5}, y);
    }
}
