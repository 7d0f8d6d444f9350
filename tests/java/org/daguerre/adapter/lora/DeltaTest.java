package org.daguerre.adapter.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.MapCheckpoint;
import org.daguerre.weights.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of change against its formula in plain loops, and what is refused. */
class DeltaTest {
    private static final String STEM = "lora_unet_x";
    private final Random random = new Random(5);

    private float[] normals(int n) {
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return v;
    }

    private static Delta only(MapCheckpoint file) {
        Lora lora = Lora.read(file);
        assertEquals(1, lora.size());
        return lora.deltas().values().iterator().next();
    }

    /** The change itself: merged into zeros with weight 2. */
    private static float[] change(Delta delta) {
        Merge merge = new Merge();
        merge.add(delta, 1.5);
        merge.add(delta, 0.5);
        int columns = (int) delta.columns();
        return merge.apply(HostTensor.of("w", Shape.of(delta.rows(), columns), new float[delta.rows() * columns]))
            .toFloats();
    }

    private static float[] product(float[] a, float[] b, int rows, int rank, int columns) {
        float[] y = new float[rows * columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                double sum = 0;
                for (int k = 0; k < rank; k++) {
                    sum += (double) a[r * rank + k] * b[k * columns + c];
                }
                y[r * columns + c] = (float) sum;
            }
        }
        return y;
    }

    private static float[] times(float[] x, double factor) {
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (float) (factor * x[i]);
        }
        return y;
    }

    private static void close(float[] expected, float[] actual) {
        Goldens.close("change", expected, actual, 1e-6);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7, 32})
    void lowRank(int rank) {
        int out = 37;
        int in = 1100;
        float[] up = normals(out * rank);
        float[] down = normals(rank * in);
        MapCheckpoint file = new MapCheckpoint().with(STEM + ".lora_up.weight", up, out, rank, 1, 1)
            .with(STEM + ".lora_down.weight", down, rank, in).with(STEM + ".alpha", new float[] {0.5f});
        close(times(product(up, down, out, rank, in), 2 * 0.5 / rank), change(only(file)));
    }

    /** [out, r] o [r, q, 3, 3] o [q, in]: the kernel of three convolutions in a row. */
    private static float[] composed(float[] up, float[] mid, float[] down, int out, int r, int q, int in) {
        float[] y = new float[out * in * 9];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                for (int t = 0; t < 9; t++) {
                    double sum = 0;
                    for (int a = 0; a < r; a++) {
                        for (int b = 0; b < q; b++) {
                            sum += (double) up[o * r + a] * mid[(a * q + b) * 9 + t] * down[b * in + i];
                        }
                    }
                    y[(o * in + i) * 9 + t] = (float) sum;
                }
            }
        }
        return y;
    }

    @Test
    void convolutionInThreeParts() {
        float[] up = normals(6 * 3);
        float[] mid = normals(3 * 3 * 9);
        float[] down = normals(3 * 5);
        MapCheckpoint file = new MapCheckpoint().with(STEM + ".lora_up.weight", up, 6, 3, 1, 1)
            .with(STEM + ".lora_mid.weight", mid, 3, 3, 3, 3).with(STEM + ".lora_down.weight", down, 3, 5, 1, 1);
        Delta delta = only(file);
        assertEquals(45, delta.columns());
        close(times(composed(up, mid, down, 6, 3, 3, 5), 2), change(delta));
    }

    @Test
    void hadamardProduct() {
        float[][] w = {normals(6 * 2), normals(2 * 8), normals(6 * 2), normals(2 * 8)};
        MapCheckpoint file = new MapCheckpoint().with(STEM + ".hada_w1_a", w[0], 6, 2)
            .with(STEM + ".hada_w1_b", w[1], 2, 8)
            .with(STEM + ".hada_w2_a", w[2], 6, 2).with(STEM + ".hada_w2_b", w[3], 2, 8)
            .with(STEM + ".alpha", new float[] {3}, 1);
        float[] expected = product(w[0], w[1], 6, 2, 8);
        float[] second = product(w[2], w[3], 6, 2, 8);
        for (int i = 0; i < expected.length; i++) {
            expected[i] *= second[i] * 2 * 3 / 2;
        }
        close(expected, change(only(file)));
    }

    @Test
    void hadamardProductOfConvolutions() {
        float[][] a = {normals(2 * 6), normals(2 * 6)};
        float[][] b = {normals(2 * 4), normals(2 * 4)};
        float[][] t = {normals(2 * 2 * 9), normals(2 * 2 * 9)};
        MapCheckpoint file = new MapCheckpoint();
        float[] expected = null;
        for (int i = 0; i < 2; i++) {
            file.with(STEM + ".hada_w" + (i + 1) + "_a", a[i], 2, 6).with(STEM + ".hada_w" + (i + 1) + "_b", b[i], 2, 4)
                .with(STEM + ".hada_t" + (i + 1), t[i], 2, 2, 3, 3);
            float[] factor = composed(Product.transposed(a[i], 2, 6), t[i], b[i], 6, 2, 2, 4);
            for (int j = 0; i == 1 && j < factor.length; j++) {
                factor[j] *= 2 * expected[j];
            }
            expected = factor;
        }
        close(expected, change(only(file)));
    }

    private static float[] kronecker(float[] a, int o1, int i1, float[] b, int o2, int i2) {
        float[] y = new float[a.length * b.length];
        for (int r = 0; r < o1 * o2; r++) {
            for (int c = 0; c < i1 * i2; c++) {
                y[r * i1 * i2 + c] = a[r / o2 * i1 + c / i2] * b[r % o2 * i2 + c % i2];
            }
        }
        return y;
    }

    @Test
    void kroneckerProduct() {
        float[] one = normals(2 * 3);
        float[] two = normals(4 * 5 * 9);
        MapCheckpoint whole = new MapCheckpoint().with(STEM + ".lokr_w1", one, 2, 3)
            .with(STEM + ".lokr_w2", two, 4, 5, 3, 3)
            .with(STEM + ".alpha", new float[] {7}, 1);
        close(times(kronecker(one, 2, 3, two, 4, 45), 2), change(only(whole)));
        float[] a = normals(4 * 2);
        float[] b = normals(2 * 10);
        MapCheckpoint factored = new MapCheckpoint().with(STEM + ".lokr_w1", one, 2, 3)
            .with(STEM + ".lokr_w2_a", a, 4, 2)
            .with(STEM + ".lokr_w2_b", b, 2, 10).with(STEM + ".alpha", new float[] {7}, 1);
        close(times(kronecker(one, 2, 3, product(a, b, 4, 2, 10), 4, 10), 2 * 7 / 2.0), change(only(factored)));
    }

    @Test
    void fullDifference() {
        float[] diff = normals(6 * 10);
        close(times(diff, 2), change(only(new MapCheckpoint().with(STEM + ".diff", diff, 6, 10))));
    }

    @Test
    void readsTheScaleInMetadata() {
        float[] up = normals(6 * 2);
        float[] down = normals(2 * 5);
        MapCheckpoint file = new MapCheckpoint().with("unet.x.to_q.lora_B.weight", up, 6, 2)
            .with("unet.x.to_q.lora_A.weight", down, 2, 5)
            .withMetadata("lora_adapter_metadata",
                "{\"unet.lora_alpha\": 8, \"unet.r\": 2, \"unet.alpha_pattern\": {\"x.to_q\": 3}}");
        close(times(product(up, down, 6, 2, 5), 2 * 3 / 2.0), change(only(file)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dora_scale", "diff_b", "w_norm", "oft_blocks", "on_input", "lora_magnitude_vector"})
    void refusesWhatItCannotMerge(String part) {
        MapCheckpoint file = new MapCheckpoint().with(STEM + ".lora_up.weight", normals(12), 6, 2)
            .with(STEM + ".lora_down.weight", normals(10), 2, 5).with(STEM + "." + part, normals(6), 6);
        var e = assertThrows(CheckpointException.class, () -> Lora.read(file));
        assertTrue(e.getMessage().contains(STEM + "." + part), e.getMessage());
    }

    @Test
    void refusesWhatDoesNotFitTogether() {
        MapCheckpoint ranks = new MapCheckpoint().with(STEM + ".lora_up.weight", normals(18), 6, 3)
            .with(STEM + ".lora_down.weight", normals(10), 2, 5);
        assertTrue(assertThrows(CheckpointException.class, () -> Lora.read(ranks)).getMessage().contains(STEM));
        MapCheckpoint half = new MapCheckpoint().with(STEM + ".lora_up.weight", normals(12), 6, 2);
        assertTrue(assertThrows(CheckpointException.class, () -> Lora.read(half)).getMessage().contains("down"));
        MapCheckpoint none = new MapCheckpoint().with("conv_in.weight", normals(12), 6, 2);
        assertTrue(assertThrows(CheckpointException.class, () -> Lora.read(none)).getMessage().contains("a LoRA"));
    }
}
