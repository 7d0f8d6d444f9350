package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every pointwise function over its whole range, in the activations' type and in F32. */
class ActivationTest {

    /** From -88 to 88 in steps that are finer near zero, then far outside. */
    private static float[] range() {
        float[] x = new float[2003];
        for (int i = 0; i < 2001; i++) {
            double t = (i - 1000) / 1000.0;
            x[i] = (float) (88 * t * t * t);
        }
        x[2001] = 30000;
        x[2002] = -30000;
        return x;
    }

    @TestFactory
    Stream<DynamicTest> range16() {
        List<Case> cases = new ArrayList<>();
        for (Activation f : Activation.values()) {
            cases.add(Case.of(f + " in the activations' type", s -> s.ops().activation(s.activations(range(), 2003), f))
                .within(new Limits(1e-6, 1e-5, 1.5, 2)));
            cases.add(Case.of(f + " in f32", s -> s.ops().activation(s.ops().upload(range(), 2003), f))
                .within(new Limits(1e-6, 1e-5, 1.5, 2)));
        }
        return Comparison.tests(cases);
    }

    @TestFactory
    Stream<DynamicTest> sizes() {
        List<Case> cases = new ArrayList<>();
        for (int count : List.of(1, 2, 7, 8, 9, 255, 257, 2047, 2049)) {
            cases.add(Case.of("silu of " + count, s -> s.ops().silu(s.input("x", count))));
        }
        cases.add(Case.of("row view", s -> s.ops().silu(s.input("x", 4, 5).rows(1, 3))));
        cases.add(Case.of("in place", s -> {
            Tensor x = s.input("x", 333);
            s.backend().activation(x, x, Activation.GELU);
            return x;
        }));
        cases.add(Case.of("equal", Values.EQUAL, s -> s.ops().silu(s.input("x", 77))));
        return Comparison.tests(cases);
    }
}
