package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Classifier-free guidance with and without rescaling. */
class GuidanceTest {

    private static Case guidance(int n, int h, int w, double scale, double rescale, Values values) {
        return Case.of("[" + n + ", " + h + ", " + w + ", 4] scale " + scale + " rescale " + rescale, values,
            s -> s.ops().guidance(s.input("cond", n, h, w, 4), s.input("uncond", n, h, w, 4), scale, rescale));
    }

    @TestFactory
    Stream<DynamicTest> sizesAndScales() {
        List<Case> cases = new ArrayList<>();
        for (double rescale : List.of(0.0, 0.7, 1.0)) {
            for (int[] size : new int[][] {{1, 1, 1}, {2, 3, 5}, {3, 8, 8}, {1, 16, 32}, {2, 13, 40}, {1, 64, 64}}) {
                cases.add(guidance(size[0], size[1], size[2], 7.5, rescale, Values.NORMAL));
            }
            for (double scale : List.of(0.0, 1.0, -2.0, 30.0)) {
                cases.add(guidance(2, 6, 7, scale, rescale, Values.NORMAL));
            }
        }
        cases.add(guidance(2, 6, 7, 7.5, 0, Values.EQUAL));
        cases.add(guidance(2, 6, 7, 7.5, 0, Values.SMALL));
        return Comparison.tests(Kernels.DG_OP_GUIDANCE, cases);
    }

    /** Mean 1000: u + scale (c - u) rounds at 1e-4, and the deviation is 1. */
    @TestFactory
    Stream<DynamicTest> largeMean() {
        Limits wide = Limits.DEFAULT.withAbsolute(1e-4);
        return Comparison.tests(Kernels.DG_OP_GUIDANCE,
            List.of(guidance(2, 13, 40, 7.5, 0, Values.OFFSET).within(wide),
            guidance(2, 13, 40, 7.5, 0.7, Values.OFFSET).within(wide)));
    }

    @TestFactory
    Stream<DynamicTest> f32Inputs() {
        return Comparison.tests(Kernels.DG_OP_GUIDANCE, List.of(
            Case.of("f32", s -> s.ops().guidance(s.f32("cond", Values.NORMAL, 2, 333),
            s.f32("uncond", Values.NORMAL, 2, 333), 7.5, 0)),
            Case.of("f32 rescaled",
                s -> s.ops().guidance(s.f32("cond", Values.NORMAL, 2, 333), s.f32("uncond", Values.NORMAL, 2, 333), 7.5,
                0.7))));
    }
}
