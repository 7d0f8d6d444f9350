package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.Backend;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Resizing in all three modes, larger and smaller. */
class ResizeTest {

    @TestFactory
    Stream<DynamicTest> modesAndSizes() {
        List<Case> cases = new ArrayList<>();
        for (Backend.Resize mode : Backend.Resize.values()) {
            for (int[] d : new int[][] {{1, 1, 1, 1}, {1, 1, 4, 4}, {5, 7, 10, 14}, {5, 7, 9, 13}, {8, 8, 5, 3},
                {6, 4, 6, 4}, {3, 3, 1, 1},
                {7, 5, 24, 24}}) {
                for (int c : List.of(1, 3, 8, 24)) {
                    cases.add(Case.of(mode + " " + d[0] + " x " + d[1] + " -> " + d[2] + " x " + d[3] + ", " + c
                        + " channels",
                        s -> s.ops().resize(s.input("x", 2, d[0], d[1], c), d[2], d[3], mode)));
                }
            }
            cases.add(Case.of(mode + " in f32", s ->
                s.ops().resize(s.f32("x", Values.NORMAL, 1, 5, 7, 4), 11, 9, mode)));
        }
        return Comparison.tests(cases);
    }
}
