package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Maximum over windows. */
class MaxPoolTest {

    private static Case pool(int h, int w, int c, int k, int stride, int pad, Values values) {
        int oh = (h + 2 * pad - k) / stride + 1;
        int ow = (w + 2 * pad - k) / stride + 1;
        return Case.of("[2, " + h + ", " + w + ", " + c + "] window " + k + " stride " + stride + " pad " + pad, values,
            s -> s.ops().maxPool(s.input("x", 2, h, w, c), k, stride, pad, pad, oh, ow)).within(Limits.ROUNDED);
    }

    @TestFactory
    Stream<DynamicTest> windows() {
        List<Case> cases = new ArrayList<>();
        cases.add(pool(1, 1, 1, 1, 1, 0, Values.NORMAL));
        for (int c : List.of(1, 3, 8, 24)) {
            cases.add(pool(8, 8, c, 3, 2, 1, Values.NORMAL));
            cases.add(pool(7, 9, c, 3, 2, 1, Values.NORMAL));
            cases.add(pool(7, 9, c, 2, 2, 0, Values.NORMAL));
            cases.add(pool(7, 9, c, 5, 1, 2, Values.NORMAL));
        }
        cases.add(pool(7, 9, 8, 3, 1, 1, Values.LARGE));
        cases.add(pool(7, 9, 8, 3, 1, 1, Values.EQUAL));
        return Comparison.tests(cases);
    }

    /** The residual networks of MiDaS pad below and on the right only. */
    @TestFactory
    Stream<DynamicTest> paddingBelowAndRight() {
        return Comparison.tests(List.of(Case.of("8 x 8", s ->
            s.ops().maxPool(s.input("x", 1, 8, 8, 16), 3, 2, 0, 0, 4, 4))
            .within(Limits.ROUNDED)));
    }
}
