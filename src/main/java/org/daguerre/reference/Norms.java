package org.daguerre.reference;

import static org.daguerre.reference.ReferenceBackend.at;
import static org.daguerre.reference.ReferenceBackend.floats;

import java.util.stream.IntStream;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Tensor;

/** Operations with a mean and a variance; two passes each. */
final class Norms {
    private Norms() {
    }

    /** Wu and He 2018: mean and variance over the pixels and channels of one group of one picture. */
    static void groupNorm(Tensor y, Tensor x, Tensor x2, Tensor weight, Tensor bias, int groups, float eps,
        Activation activation) {
        int channels = y.dim(-1);
        int pixels = (int) (y.count() / y.dim(0) / channels);
        int width = channels / groups;
        Pointwise.Function f = Pointwise.function(activation.code());
        IntStream.range(0, y.dim(0) * groups).parallel().forEach(index -> {
            int n = index / groups;
            int first = index % groups * width;
            double mean = 0;
            for (int p = n * pixels; p < (n + 1) * pixels; p++) {
                for (int c = first; c < first + width; c++) {
                    mean += source(x, x2, p, c);
                }
            }
            mean /= (double) pixels * width;
            double variance = 0;
            for (int p = n * pixels; p < (n + 1) * pixels; p++) {
                for (int c = first; c < first + width; c++) {
                    double d = source(x, x2, p, c) - mean;
                    variance += d * d;
                }
            }
            double factor = 1 / Math.sqrt(variance / ((double) pixels * width) + eps);
            for (int p = n * pixels; p < (n + 1) * pixels; p++) {
                for (int c = first; c < first + width; c++) {
                    double value = (source(x, x2, p, c) - mean) * factor * floats(weight)[at(weight) + c]
                        + floats(bias)[at(bias) + c];
                    floats(y)[at(y) + p * channels + c] = (float) f.apply(value);
                }
            }
        });
    }

    /** Channel c of pixel p of the concatenation of x and x2. */
    private static double source(Tensor x, Tensor x2, int p, int c) {
        int split = x.dim(-1);
        return c < split ? floats(x)[at(x) + p * split + c] : floats(x2)[at(x2) + p * x2.dim(-1) + c - split];
    }

    /** weight and bias may be null: ones and zeros. */
    static void layerNorm(Tensor y, Tensor x, Tensor weight, Tensor bias, float eps) {
        int channels = x.dim(-1);
        float[] a = floats(x);
        IntStream.range(0, (int) (x.count() / channels)).parallel().forEach(row -> {
            int from = at(x) + row * channels;
            double mean = mean(a, from, channels);
            double factor = 1 / Math.sqrt(variance(a, from, channels, mean) + eps);
            for (int c = 0; c < channels; c++) {
                double scale = weight == null ? 1 : floats(weight)[at(weight) + c];
                double shift = bias == null ? 0 : floats(bias)[at(bias) + c];
                floats(y)[at(y) + row * channels + c] = (float) ((a[from + c] - mean) * factor * scale + shift);
            }
        });
    }

    /**
     * Guidance with the rescaling of Lin et al. 2024, equations 15 and 16 (sample standard deviations, as PyTorch
     * computes them).
     */
    static void guidance(Tensor y, Tensor cond, Tensor uncond, double scale, double rescale) {
        int count = (int) (y.count() / y.dim(0));
        float[] out = floats(y);
        float[] c = floats(cond);
        for (int n = 0; n < y.dim(0); n++) {
            int to = at(y) + n * count;
            int from = at(cond) + n * count;
            for (int i = 0; i < count; i++) {
                double u = floats(uncond)[at(uncond) + n * count + i];
                out[to + i] = (float) (u + scale * (c[from + i] - u));
            }
            if (rescale > 0) {
                double variance = variance(out, to, count, mean(out, to, count));
                double ratio = Math.sqrt(variance(c, from, count, mean(c, from, count)) / variance);
                // Constant values have no deviation to scale and stay as they are.
                for (int i = 0; i < count && variance > 0; i++) {
                    out[to + i] = (float) (out[to + i] * (rescale * ratio + 1 - rescale));
                }
            }
        }
    }

    private static double mean(float[] a, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += a[i];
        }
        return sum / count;
    }

    private static double variance(float[] a, int from, int count, double mean) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += (a[i] - mean) * (a[i] - mean);
        }
        return sum / count;
    }
}
