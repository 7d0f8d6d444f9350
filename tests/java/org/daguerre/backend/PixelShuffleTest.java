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

/** Pixel shuffle and its inverse. */
class PixelShuffleTest {

    @TestFactory
    Stream<DynamicTest> bothWays() {
        List<Case> cases = new ArrayList<>();
        for (int r : List.of(1, 2, 3, 4, 8)) {
            for (int c : List.of(1, 3, 8)) {
                cases.add(Case.of("unshuffle " + r + ", " + c + " channels",
                    s -> s.ops().pixelUnshuffle(s.input("x", 2, 3 * r, 5 * r, c), r)));
                cases.add(Case.of("shuffle " + r + ", " + c + " channels",
                    s -> s.ops().pixelShuffle(s.input("x", 2, 3, 5, c * r * r), r)));
            }
        }
        cases.add(Case.of("unshuffle f32", s -> s.ops().pixelUnshuffle(s.f32("x", Values.NORMAL, 1, 4, 6, 3), 2)));
        cases.add(Case.of("shuffle f32", s -> s.ops().pixelShuffle(s.f32("x", Values.NORMAL, 1, 4, 6, 12), 2)));
        return Comparison.tests(cases.stream().map(c -> c.within(Limits.ROUNDED)).toList());
    }
}
