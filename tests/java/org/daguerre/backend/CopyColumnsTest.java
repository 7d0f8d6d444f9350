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

/** Column ranges: side by side, cut out, in both element sizes. */
class CopyColumnsTest {

    @TestFactory
    Stream<DynamicTest> concatenation() {
        List<Case> cases = new ArrayList<>();
        for (int[] w : new int[][] {{1, 1}, {8, 8}, {3, 5}, {7, 17}, {64, 8}, {4, 5}, {320, 31}}) {
            cases.add(Case.of("concat " + w[0] + " and " + w[1],
                s -> s.ops().concat(s.input("a", 2, 5, w[0]), s.input("b", 2, 5, w[1]))).within(Limits.ROUNDED));
            cases.add(Case.of("concat " + w[0] + " and " + w[1] + " in f32",
                s -> s.ops().concat(s.f32("a", Values.NORMAL, 2, 5, w[0]),
                s.f32("b", Values.NORMAL, 2, 5, w[1]))).within(Limits.ROUNDED));
        }
        cases.add(Case.of("concat of three", s ->
            s.ops().concat(s.input("a", 9, 4), s.input("b", 9, 1), s.input("c", 9, 4)))
            .within(Limits.ROUNDED));
        return Comparison.tests(cases);
    }

    @TestFactory
    Stream<DynamicTest> slices() {
        List<Case> cases = new ArrayList<>();
        for (int[] r : new int[][] {{0, 1}, {0, 8}, {8, 16}, {1, 7}, {23, 1}, {3, 21}, {0, 24}}) {
            cases.add(Case.of("columns " + r[0] + " + " + r[1], s ->
                s.ops().slice(s.input("x", 33, 24).columns(r[0], r[1])))
                .within(Limits.ROUNDED));
        }
        cases.add(Case.of("rows and columns", s ->
            s.ops().slice(s.input("x", 6, 5).rows(1, 4).columns(2, 3))).within(Limits.ROUNDED));
        return Comparison.tests(cases);
    }
}
