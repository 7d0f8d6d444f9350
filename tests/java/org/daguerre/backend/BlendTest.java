package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Mixing two pictures by a mask per pixel, as inpainting does. */
class BlendTest {

    private static Case blend(int n, int maskN, int h, int w, int c) {
        return Case.of("[" + n + ", " + h + ", " + w + ", " + c + "] mask of " + maskN, s -> s.ops().blend(
            s.f32("a", Values.NORMAL, n, h, w, c), s.f32("b", Values.NORMAL, n, h, w, c),
            s.f32("mask", Values.NORMAL, maskN, h, w)));
    }

    @TestFactory
    Stream<DynamicTest> sizes() {
        List<Case> cases = new ArrayList<>();
        cases.add(blend(1, 1, 1, 1, 1));
        for (int c : List.of(1, 3, 4, 9)) {
            cases.add(blend(1, 1, 5, 7, c));
            cases.add(blend(3, 1, 5, 7, c));
            cases.add(blend(3, 3, 5, 7, c));
        }
        cases.add(blend(2, 2, 17, 15, 4));
        return Comparison.tests(cases);
    }

    @TestFactory
    Stream<DynamicTest> inPlace() {
        return Comparison.tests(List.of(Case.of("y is a", s -> {
            Tensor a = s.f32("a", Values.NORMAL, 2, 5, 7, 4);
            s.backend().blend(a, a, s.f32("b", Values.NORMAL, 2, 5, 7, 4), s.f32("mask", Values.NORMAL, 1, 5, 7));
            return a;
        })));
    }
}
