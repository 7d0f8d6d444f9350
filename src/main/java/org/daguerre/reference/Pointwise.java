package org.daguerre.reference;

import static org.daguerre.reference.ReferenceBackend.at;
import static org.daguerre.reference.ReferenceBackend.floats;

import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.HostBuffer;
import org.daguerre.tensor.Tensor;

/** Everything that looks at one element or one small window at a time. */
final class Pointwise {
    private Pointwise() {
    }

    interface Function {
        double apply(double x);
    }

    /** The function of an {@link Activation} code. */
    static Function function(int code) {
        return switch (Activation.values()[code]) {
            case NONE -> x -> x;
            case SILU -> x -> x / (1 + Math.exp(-x));
            case GELU -> x -> x * 0.5 * (1 + Erf.erf(x * Math.sqrt(0.5)));
            case QUICK_GELU -> x -> x / (1 + Math.exp(-1.702 * x));
            case RELU -> x -> x < 0 ? 0 : x;
            case LEAKY_RELU -> x -> x < 0 ? 0.2 * x : x;
            case TANH -> Math::tanh;
            case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
            case SOFT_CLAMP_3 -> x -> 3 * Math.tanh(x / 3);
            case ELU -> x -> x < 0 ? Math.expm1(x) : x;
            case LEAKY_RELU_01 -> x -> x < 0 ? 0.01 * x : x;
            case SOFTPLUS -> Pointwise::softplus;
            case MISH -> x -> x * Math.tanh(softplus(x));
        };
    }

    private static double softplus(double x) {
        return x > 30 ? x : Math.log1p(Math.exp(x));
    }

    static void activation(Tensor y, Tensor x, Activation activation) {
        Function f = function(activation.code());
        for (int i = 0; i < x.count(); i++) {
            floats(y)[at(y) + i] = (float) f.apply(floats(x)[at(x) + i]);
        }
    }

    static void combine(Tensor y, double[] coefficients, Tensor[] x) {
        for (int i = 0; i < y.count(); i++) {
            double sum = 0;
            for (int j = 0; j < x.length; j++) {
                sum += coefficients[j] * floats(x[j])[at(x[j]) + i];
            }
            floats(y)[at(y) + i] = (float) sum;
        }
    }

    static void embedding(Tensor y, Tensor ids, Tensor table, Tensor positions) {
        int c = table.dim(1);
        int l = y.dim(1);
        for (int row = 0; row < ids.count(); row++) {
            int id = ((HostBuffer) ids.buffer()).ints()[at(ids) + row];
            for (int i = 0; i < c; i++) {
                float position = positions == null ? 0 : floats(positions)[at(positions) + row % l * c + i];
                floats(y)[at(y) + row * c + i] = floats(table)[at(table) + id * c + i] + position;
            }
        }
    }

    static void timestepEmbedding(Tensor y, Tensor t) {
        int dim = y.dim(1);
        int half = dim / 2;
        for (int n = 0; n < y.dim(0); n++) {
            for (int i = 0; i < half; i++) {
                double angle = floats(t)[at(t) + n] * Math.exp(-Math.log(10000) * i / half);
                floats(y)[at(y) + n * dim + i] = (float) Math.cos(angle);
                floats(y)[at(y) + n * dim + half + i] = (float) Math.sin(angle);
            }
        }
    }

    static void blend(Tensor y, Tensor a, Tensor b, Tensor mask) {
        int c = a.dim(-1);
        for (int i = 0; i < y.count(); i++) {
            double m = floats(mask)[at(mask) + (int) (i / c % mask.count())];
            double from = floats(a)[at(a) + i];
            floats(y)[at(y) + i] = (float) (from + m * (floats(b)[at(b) + i] - from));
        }
    }

    static void copyColumns(Columns y, Columns x) {
        int rows = (int) (x.tensor().count() / x.stride());
        for (int r = 0; r < rows; r++) {
            System.arraycopy(floats(x.tensor()), at(x.tensor()) + r * x.stride() + x.from(), floats(y.tensor()),
                at(y.tensor()) + r * y.stride() + y.from(), x.width());
        }
    }

    /** Per picture, a rows x columns matrix becomes columns x rows. */
    static void transpose(Tensor y, Tensor x, int rows, int columns) {
        for (int n = 0; n < x.dim(0); n++) {
            int base = n * rows * columns;
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    floats(y)[at(y) + base + c * rows + r] = floats(x)[at(x) + base + r * columns + c];
                }
            }
        }
    }

    static void resize(Tensor y, Tensor x, Backend.Resize mode) {
        int oh = y.dim(1);
        int ow = y.dim(2);
        for (int n = 0; n < y.dim(0); n++) {
            for (int p = 0; p < oh; p++) {
                for (int q = 0; q < ow; q++) {
                    double sy = position(p, x.dim(1), oh, mode);
                    double sx = position(q, x.dim(2), ow, mode);
                    for (int c = 0; c < y.dim(3); c++) {
                        floats(y)[at(y) + ((n * oh + p) * ow + q) * y.dim(3) + c] = (float) sample(x, n, sy, sx, c);
                    }
                }
            }
        }
    }

    /** Source coordinate of output index i, within 0..in-1; whole for nearest neighbour. */
    private static double position(int i, int in, int out, Backend.Resize mode) {
        return switch (mode) {
            case NEAREST -> (double) ((long) i * in / out);
            case BILINEAR -> Math.min(in - 1, Math.max(0, (i + 0.5) * in / out - 0.5));
            case BILINEAR_CORNERS -> out == 1 ? 0 : (double) i * (in - 1) / (out - 1);
        };
    }

    private static double sample(Tensor x, int n, double sy, double sx, int c) {
        int y0 = (int) sy;
        int x0 = (int) sx;
        int y1 = Math.min(y0 + 1, x.dim(1) - 1);
        int x1 = Math.min(x0 + 1, x.dim(2) - 1);
        double fy = sy - y0;
        double fx = sx - x0;
        return (1 - fy) * ((1 - fx) * pixel(x, n, y0, x0, c) + fx * pixel(x, n, y0, x1, c))
            + fy * ((1 - fx) * pixel(x, n, y1, x0, c) + fx * pixel(x, n, y1, x1, c));
    }

    private static double pixel(Tensor x, int n, int row, int column, int c) {
        return floats(x)[at(x) + ((n * x.dim(1) + row) * x.dim(2) + column) * x.dim(3) + c];
    }

    /**
     * Between large [N, H r, W r, C] and small [N, H, W, C r r]; channel c r r + dy r + dx of small is (dy, dx) of
     * channel c.
     */
    static void pixelShuffle(Tensor large, Tensor small, int r, boolean towardsSmall) {
        int c = large.dim(3);
        for (int n = 0; n < large.dim(0); n++) {
            for (int row = 0; row < large.dim(1); row++) {
                for (int column = 0; column < large.dim(2); column++) {
                    for (int i = 0; i < c; i++) {
                        int l = at(large) + ((n * large.dim(1) + row) * large.dim(2) + column) * c + i;
                        int s = at(small) + ((n * small.dim(1) + row / r) * small.dim(2) + column / r) * small.dim(3)
                            + (i * r + row % r) * r + column % r;
                        if (towardsSmall) {
                            floats(small)[s] = floats(large)[l];
                        } else {
                            floats(large)[l] = floats(small)[s];
                        }
                    }
                }
            }
        }
    }

    static void maxPool(Tensor y, Tensor x, int k, int stride, int padTop, int padLeft) {
        for (int n = 0; n < y.dim(0); n++) {
            for (int p = 0; p < y.dim(1); p++) {
                for (int q = 0; q < y.dim(2); q++) {
                    for (int c = 0; c < y.dim(3); c++) {
                        floats(y)[at(y) + ((n * y.dim(1) + p) * y.dim(2) + q) * y.dim(3) + c]
                            = (float) windowMaximum(x, n, p * stride - padTop, q * stride - padLeft, c, k);
                    }
                }
            }
        }
    }

    private static double windowMaximum(Tensor x, int n, int top, int left, int c, int k) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = Math.max(0, top); i < Math.min(x.dim(1), top + k); i++) {
            for (int j = Math.max(0, left); j < Math.min(x.dim(2), left + k); j++) {
                max = Math.max(max, pixel(x, n, i, j, c));
            }
        }
        return max;
    }
}
