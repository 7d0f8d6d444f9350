package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.DType;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** NCHW to NHWC with a change of type, and back. */
class LayoutTest {

    @TestFactory
    Stream<DynamicTest> bothWays() {
        List<Case> cases = new ArrayList<>();
        for (int[] d : new int[][] {{1, 1, 1, 1}, {2, 3, 5, 7}, {1, 4, 8, 8}, {1, 31, 3, 11}, {1, 33, 4, 8},
            {2, 32, 8, 4}, {1, 64, 1, 65},
            {3, 320, 2, 2}}) {
            String name = d[0] + " x " + d[1] + " x " + d[2] + " x " + d[3];
            cases.add(Case.of("to NHWC, own type " + name, s ->
                s.ops().toNhwc(s.f32("x", Values.NORMAL, d), s.type())));
            cases.add(Case.of("to NHWC, f32 " + name,
                s -> s.ops().toNhwc(s.f32("x", Values.NORMAL, d), DType.F32)));
            cases.add(Case.of("to NHWC from own type " + name, s -> s.ops().toNhwc(s.input("x", d), s.type())));
            cases.add(Case.of("to NCHW " + name, s -> s.ops().toNchw(s.input("x", d))));
            cases.add(Case.of("to NCHW from f32 " + name, s -> s.ops().toNchw(s.f32("x", Values.NORMAL, d))));
        }
        return Comparison.tests(cases.stream().map(c -> c.within(Limits.ROUNDED)).toList());
    }
}
