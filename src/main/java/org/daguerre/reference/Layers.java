package org.daguerre.reference;

import static org.daguerre.reference.ReferenceBackend.at;
import static org.daguerre.reference.ReferenceBackend.floats;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** Convolution, linear layer and attention, as written in the formula. */
final class Layers {
    private Layers() {
    }

    /**
     * Cross-correlation: y[n, p, q, o] = sum over taps and channels of x[n, p * stride + i - padTop, ...] * w[o, c, i,
     * j].
     */
    static void conv2d(Tensor y, Tensor x, Tensor x2, PackedWeights w, Columns emb, Tensor residual, int upHeight,
        int upWidth,
                       int stride, int padTop, int padLeft, int activation) {
        int oh = y.dim(1);
        int ow = y.dim(2);
        int o = y.dim(3);
        float[] bias = ((ReferenceBackend.Plain) w.content()).bias();
        IntStream.range(0, y.dim(0) * oh).parallel().forEach(row -> {
            int n = row / oh;
            double[] sum = new double[o];
            for (int q = 0; q < ow; q++) {
                for (int i = 0; i < o; i++) {
                    sum[i] = bias[i];
                }
                for (int i = 0; i < w.kernelHeight(); i++) {
                    int u = (row % oh) * stride + i - padTop;
                    for (int j = 0; j < w.kernelWidth() && u >= 0 && u < upHeight; j++) {
                        int v = q * stride + j - padLeft;
                        if (v >= 0 && v < upWidth) {
                            int pixel = (n * x.dim(1) + (int) ((long) u * x.dim(1) / upHeight)) * x.dim(2)
                                + (int) ((long) v * x.dim(2) / upWidth);
                            int k = (i * w.kernelWidth() + j) * (w.inChannels() + w.inChannels2());
                            addProducts(sum, x, pixel, w, k);
                            if (x2 != null) {
                                addProducts(sum, x2, pixel, w, k + w.inChannels());
                            }
                        }
                    }
                }
                if (emb != null) {
                    boolean shared = emb.tensor().count() == emb.stride();
                    int from = at(emb.tensor()) + (shared ? 0 : n) * emb.stride() + emb.from();
                    for (int i = 0; i < o; i++) {
                        sum[i] += floats(emb.tensor())[from + i];
                    }
                }
                store(y, (row * ow + q) * o, sum, residual, activation);
            }
        });
    }

    /** sum[o] += x[pixel, c] * w[k + c, o] over the channels of x. */
    private static void addProducts(double[] sum, Tensor x, int pixel, PackedWeights weights, int k) {
        float[] w = ((ReferenceBackend.Plain) weights.content()).w();
        float[] a = floats(x);
        int c = x.dim(-1);
        int from = at(x) + pixel * c;
        for (int i = 0; i < c; i++) {
            double value = a[from + i];
            int base = (k + i) * sum.length;
            for (int o = 0; o < sum.length; o++) {
                sum[o] += value * w[base + o];
            }
        }
    }

    private static void store(Tensor y, int index, double[] sum, Tensor residual, int activation) {
        Pointwise.Function f = Pointwise.function(activation & 255);
        boolean last = (activation & Activation.AFTER_RESIDUAL) != 0;
        float[] out = floats(y);
        for (int o = 0; o < sum.length; o++) {
            double rest = residual == null ? 0 : floats(residual)[at(residual) + index + o];
            out[at(y) + index + o] = (float) (last ? f.apply(sum[o] + rest) : f.apply(sum[o]) + rest);
        }
    }

    static void linear(Tensor y, Tensor x, PackedWeights w, Tensor residual, int activation) {
        float[] bias = ((ReferenceBackend.Plain) w.content()).bias();
        int rows = (int) (x.count() / x.dim(-1));
        boolean geglu = w.kind() == PackedWeights.Kind.GEGLU;
        IntStream.range(0, rows).parallel().forEach(row -> {
            double[] sum = new double[w.rows()];
            for (int i = 0; i < sum.length; i++) {
                sum[i] = bias[i];
            }
            addProducts(sum, x, row, w, 0);
            store(y, row * w.outChannels(), geglu ? gate(sum) : sum, residual, activation);
        });
    }

    /** GEGLU (Shazeer 2020): the first half times gelu of the second. */
    private static double[] gate(double[] sum) {
        double[] y = Arrays.copyOf(sum, sum.length / 2);
        Pointwise.Function gelu = Pointwise.function(Activation.GELU.code());
        for (int i = 0; i < y.length; i++) {
            y[i] *= gelu.apply(sum[y.length + i]);
        }
        return y;
    }

    static void attention(Tensor y, Columns q, Columns k, Columns v, int heads, float scale, boolean causal) {
        int lq = y.dim(1);
        int lk = k.tensor().dim(1);
        int d = q.width() / heads;
        IntStream.range(0, y.dim(0) * heads * lq).parallel().forEach(index -> {
            int n = index / (heads * lq);
            int head = index / lq % heads;
            int row = index % lq;
            int keys = causal ? row + 1 : lk;
            double[] p = new double[keys];
            double max = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < keys; j++) {
                p[j] = scale * dot(q, n * lq + row, k, n * lk + j, head * d, d);
                max = Math.max(max, p[j]);
            }
            double total = 0;
            for (int j = 0; j < keys; j++) {
                p[j] = Math.exp(p[j] - max);
                total += p[j];
            }
            weightedSum(y, (n * lq + row) * y.dim(2) + head * d, p, total, v, n * lk, head * d, d);
        });
    }

    private static double dot(Columns a, int rowA, Columns b, int rowB, int column, int d) {
        int i = at(a.tensor()) + rowA * a.stride() + a.from() + column;
        int j = at(b.tensor()) + rowB * b.stride() + b.from() + column;
        float[] fa = floats(a.tensor());
        float[] fb = floats(b.tensor());
        double sum = 0;
        for (int c = 0; c < d; c++) {
            sum += (double) fa[i + c] * fb[j + c];
        }
        return sum;
    }

    private static void weightedSum(Tensor y, int index, double[] p, double total, Columns v, int firstRow, int column,
        int d) {
        double[] sum = new double[d];
        float[] fv = floats(v.tensor());
        for (int j = 0; j < p.length; j++) {
            int from = at(v.tensor()) + (firstRow + j) * v.stride() + v.from() + column;
            for (int c = 0; c < d; c++) {
                sum[c] += p[j] * fv[from + c];
            }
        }
        for (int c = 0; c < d; c++) {
            floats(y)[at(y) + index + c] = (float) (sum[c] / total);
        }
    }
}
