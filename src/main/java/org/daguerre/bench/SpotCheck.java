package org.daguerre.bench;

import java.util.Random;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HalfFloats;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;

/**
 * Compares some elements of an operation's output with plain sums in double, before it is timed: a fast wrong kernel is
 * no result. The inputs are known without asking the engine for them, for {@link RandomTensors} repeats one block.
 */
final class SpotCheck {
    private static final int ELEMENTS = 24;

    private final Work work;
    private final DType type;
    private final float[] block = RandomTensors.block();

    private SpotCheck(Work work, DType type) {
        this.work = work;
        this.type = type;
    }

    /** @throws IllegalStateException if an element is wrong, or not a number */
    static void check(Ops ops, Work work, KernelCall call) {
        float[] found;
        try (Ops own = ops.child()) {
            found = own.download(own.cast(call.output(), DType.F32));
        }
        new SpotCheck(work, ops.type()).check(found);
    }

    private void check(float[] found) {
        Random random = new Random(7);
        double limit = type == DType.F32 ? 1e-3 : 8 * (type == DType.F16 ? 0x1p-11 : 0x1p-8);
        for (int i = 0; i < ELEMENTS; i++) {
            int at = i == 0 ? found.length - 1 : random.nextInt(found.length);
            double expected = expected(at);
            if (!(Math.abs(expected - found[at]) <= limit * (1 + Math.abs(expected)))) {
                throw new IllegalStateException("check of " + work.operation() + " " + work.label() + ": expected "
                    + expected
                    + " at element " + at + ", found " + found[at]);
            }
        }
    }

    private double expected(int at) {
        if (work instanceof Work.Convolution c) {
            return convolution(c, at);
        }
        if (work instanceof Work.Linear l) {
            return linear(l, at);
        }
        return work instanceof Work.Attention a ? attention(a, at) : norm((Work.Norm) work, at);
    }

    /** Element of an input. */
    private double x(long i) {
        return rounded(block[(int) (i % block.length)]);
    }

    /** Element of weights with {@code inputs} inputs, as stored in f16 and then in the engine's type. */
    private double weight(long i, double inputs) {
        float scaled = (float) (KernelCall.deviation(inputs) * block[(int) (i % block.length)]);
        return rounded(HalfFloats.f16ToFloat(HalfFloats.floatToF16(scaled)));
    }

    private double rounded(float v) {
        return switch (type) {
            case F16 -> HalfFloats.f16ToFloat(HalfFloats.floatToF16(v));
            case BF16 -> HalfFloats.bf16ToFloat(HalfFloats.floatToBf16(v));
            default -> v;
        };
    }

    private double convolution(Work.Convolution c, int at) {
        int o = at % c.o();
        int ox = at / c.o() % c.ow();
        int oy = at / c.o() / c.ow() % c.oh();
        int n = at / c.o() / c.ow() / c.oh();
        int inputs = c.c() + c.c2();
        double sum = c.residual() ? x(at) : 0;
        for (int ky = 0; ky < c.kh(); ky++) {
            for (int kx = 0; kx < c.kw(); kx++) {
                int y = oy * c.stride() + ky - c.padTop();
                int x = ox * c.stride() + kx - c.padLeft();
                if (y < 0 || x < 0 || y >= c.uh() || x >= c.uw()) {
                    continue;
                }
                long pixel = ((long) n * c.h() + (long) y * c.h() / c.uh()) * c.w() + (long) x * c.w() / c.uw();
                for (int k = 0; k < inputs; k++) {
                    double in = k < c.c() ? x(pixel * c.c() + k) : x(pixel * c.c2() + k - c.c());
                    sum += in * weight((((long) o * inputs + k) * c.kh() + ky) * c.kw() + kx, (double) c.kh() * c.kw()
                        * inputs);
                }
            }
        }
        return sum;
    }

    private double linear(Work.Linear l, int at) {
        int columns = l.geglu() ? l.o() / 2 : l.o();
        long row = at / columns;
        int column = at % columns;
        double value = dot(l, row, column) + (l.residual() ? x(at) : 0);
        return l.geglu() ? value * gelu(dot(l, row, column + columns)) : value;
    }

    private double dot(Work.Linear l, long row, int column) {
        double sum = 0;
        for (int k = 0; k < l.k(); k++) {
            sum += x(row * l.k() + k) * weight((long) column * l.k() + k, l.k());
        }
        return sum;
    }

    /** x times the normal distribution function, which is summed up by its series. */
    private static double gelu(double x) {
        double term = x;
        double sum = x;
        for (int i = 1; i < 200 && Math.abs(term) > 1e-12; i++) {
            term *= x * x / (2 * i + 1);
            sum += term;
        }
        return x * (0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));
    }

    private double attention(Work.Attention a, int at) {
        int width = a.heads() * a.d();
        int column = at % width;
        int head = column / a.d() * a.d();
        int query = at / width % a.lq();
        int n = at / width / a.lq();
        long q = ((long) n * a.lq() + query) * width + head;
        int keys = a.causal() ? Math.min(a.lk(), query + 1) : a.lk();
        double sum = 0;
        double weights = 0;
        for (int j = 0; j < keys; j++) {
            long k = ((long) n * a.lk() + j) * width;
            double score = 0;
            for (int d = 0; d < a.d(); d++) {
                score += x(q + d) * x(k + head + d);
            }
            double e = Math.exp(score / Math.sqrt(a.d()));
            weights += e;
            sum += e * x(k + column);
        }
        return sum / weights;
    }

    private double norm(Work.Norm w, int at) {
        int column = at % w.c();
        long position = at / w.c();
        int channels = w.layer() ? w.c() : w.c() / w.groups();
        long first = w.layer() ? position : position / w.positions() * w.positions();
        int positions = w.layer() ? 1 : w.positions();
        int from = column / channels * channels;
        double sum = 0;
        double squares = 0;
        for (int p = 0; p < positions; p++) {
            for (int c = from; c < from + channels; c++) {
                double v = x((first + p) * w.c() + c);
                sum += v;
                squares += v * v;
            }
        }
        double count = (double) positions * channels;
        double mean = sum / count;
        return (x(at) - mean) / Math.sqrt(squares / count - mean * mean + KernelCall.EPS);
    }
}
