package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Rows of a table by ids, with positions and without. */
class EmbeddingTest {

    private static Case embedding(int n, int l, int c, int v, boolean positions) {
        return Case.of("[" + n + ", " + l + "] of [" + v + ", " + c + "]" + (positions ? " with positions" : ""), s -> {
            int[] ids = new int[n * l];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = (i * 7 + v - 1) % v;
            }
            Tensor places = positions ? s.input("positions", l, c) : null;
            return s.ops().embedding(s.ops().uploadIds(ids, n, l), s.input("table", v, c), places);
        }).within(positions ? Limits.DEFAULT : Limits.ROUNDED);
    }

    @TestFactory
    Stream<DynamicTest> sizes() {
        List<Case> cases = new ArrayList<>();
        cases.add(embedding(1, 1, 1, 1, false));
        cases.add(embedding(1, 1, 1, 1, true));
        for (int c : List.of(7, 8, 9, 31, 64, 65, 768)) {
            cases.add(embedding(2, 5, c, 11, false));
            cases.add(embedding(2, 5, c, 11, true));
        }
        cases.add(embedding(2, 77, 64, 4999, true));
        cases.add(embedding(3, 9, 40, 3, true));
        return Comparison.tests(cases);
    }
}
