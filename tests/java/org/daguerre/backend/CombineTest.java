package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.daguerre.testing.Side;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Linear combinations of up to eight tensors: every sampler step, sums, casts, stacking. */
class CombineTest {
    private static final double[] C = {0.75, -1.5, 3.25, 0.125, -0.0625, 2, 14.6, -7.3};

    private static Case terms(int terms, int count, Values values) {
        return Case.of(terms + " terms of " + count, values, s -> {
            Tensor[] x = new Tensor[terms];
            double[] c = new double[terms];
            for (int i = 0; i < terms; i++) {
                x[i] = i % 2 == 0 ? s.input("x" + i, count) : s.f32("x" + i, values, count);
                c[i] = C[i];
            }
            return s.ops().combine(s.type(), c, x);
        });
    }

    @TestFactory
    Stream<DynamicTest> termsAndSizes() {
        List<Case> cases = new ArrayList<>();
        for (int terms = 1; terms <= 8; terms++) {
            cases.add(terms(terms, 1, Values.NORMAL));
            cases.add(terms(terms, 333, Values.NORMAL));
        }
        for (int count : List.of(2, 3, 7, 8, 9, 255, 256, 257, 2047, 2048, 2049, 16384, 16385)) {
            cases.add(terms(3, count, Values.NORMAL));
        }
        cases.add(terms(2, 333, Values.OFFSET));
        cases.add(terms(8, 333, Values.EQUAL));
        cases.add(terms(2, 333, Values.SMALL));
        return Comparison.tests(Kernels.DG_OP_COMBINE, cases);
    }

    /** From the activations' type to F32 and back, up to what overflows f16. */
    @TestFactory
    Stream<DynamicTest> casts() {
        List<Case> cases = new ArrayList<>();
        for (Values v : List.of(Values.NORMAL, Values.SMALL, Values.LARGE, Values.ZERO)) {
            cases.add(Case.of("to f32", v, s -> s.ops().cast(s.input("x", 3, 111), DType.F32)).within(Limits.ROUNDED));
            cases.add(Case.of("from f32", v, s ->
                s.ops().cast(s.f32("x", v, 3, 111), s.type())).within(Limits.ROUNDED));
        }
        cases.add(Case.of("beyond f16", Values.LARGE, s ->
            s.ops().combine(s.type(), new double[] {1.5}, s.f32("x", Values.LARGE, 333)))
            .within(Limits.ROUNDED));
        return Comparison.tests(Kernels.DG_OP_COMBINE, cases);
    }

    @TestFactory
    Stream<DynamicTest> inPlace() {
        return Comparison.tests(Kernels.DG_OP_COMBINE, List.of(Case.of("y is a term", s -> {
            Tensor y = s.f32("y", Values.NORMAL, 2, 333);
            s.ops().combineInto(y, new double[] {-2, 0.5, 1}, s.f32("a", Values.NORMAL, 2, 333), y,
                s.input("b", 2, 333));
            return y;
        })));
    }

    /** Row views that start at any element. */
    @TestFactory
    Stream<DynamicTest> rowViews() {
        List<Case> cases = new ArrayList<>();
        for (int width : List.of(1, 3, 5, 8, 77)) {
            cases.add(Case.of("rows of " + width, s -> {
                Tensor x = s.input("x", 4, width);
                return s.ops().combine(s.type(), new double[] {2, -1}, x.rows(1, 3), x.rows(2, 4));
            }));
            cases.add(Case.of("stacked rows of " + width, s -> stacked(s, width)).within(Limits.ROUNDED));
        }
        return Comparison.tests(Kernels.DG_OP_COMBINE, cases);
    }

    private static Tensor stacked(Side s, int width) {
        Ops ops = s.ops();
        return ops.stack(s.input("a", 1, width), s.input("b", 2, width), s.input("c", 1, width));
    }
}
