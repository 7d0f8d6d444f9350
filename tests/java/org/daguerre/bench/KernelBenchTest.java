package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.testing.TestEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KernelBenchTest {
    private static final List<Work> WORKS = List.of(WorkList.of("conv2d", "2,9,7,12,20,3"),
        WorkList.of("conv2d", "1,8,8,16,8,3,2"),
        new Work.Convolution(2, 5, 6, 8, 4, 10, 12, 10, 12, 16, 3, 3, 1, 1, 1, true), WorkList.of("linear", "33,40,24"),
        new Work.Linear(17, 24, 32, true, false), new Work.Linear(17, 24, 32, false, true),
        WorkList.of("attention", "2,19,23,2,40"),
        new Work.Attention(1, 20, 20, 3, 64, true), WorkList.of("group_norm", "2,35,64"),
        WorkList.of("layer_norm", "3,11,48"));

    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        TestEngine.all().forEach(e -> WORKS.forEach(w -> all.add(Arguments.of(e, w))));
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyOperationPassesItsCheckAndTakesTime(TestEngine engine, Work work) {
        try (Backend backend = engine.open()) {
            Stats t = new KernelBench(backend, 2).time(work);
            assertTrue(t.min() > 0 && t.min() <= t.median() && t.median() <= t.max() && t.runs() == 2, t.toString());
        }
    }

    /** The same sizes but for one number: the outputs have the same shape and other values. */
    @Test
    void aWrongResultIsRefused() {
        List<List<Work>> pairs = List.of(
            List.of(WorkList.of("linear", "16,24,32"), WorkList.of("linear", "16,20,32")),
            List.of(WorkList.of("conv2d", "1,6,6,8,8,3"), WorkList.of("conv2d", "1,6,6,8,8,1")),
            List.of(WorkList.of("attention", "1,8,8,2,16"), WorkList.of("attention", "1,8,7,2,16")),
            List.of(WorkList.of("group_norm", "1,16,64"), WorkList.of("layer_norm", "1,16,64")));
        try (Backend backend = new ReferenceBackend()) {
            for (List<Work> pair : pairs) {
                try (Ops ops = Ops.on(backend); KernelCall call = KernelCall.of(ops, pair.get(0))) {
                    call.run();
                    SpotCheck.check(ops, pair.get(0), call);
                    assertThrows(IllegalStateException.class, () -> SpotCheck.check(ops, pair.get(1), call),
                        pair.toString());
                }
            }
        }
    }

    @Test
    void wrongShapesAreRefused() {
        for (String[] wrong : new String[][] {{"conv2d", "1,2,3"}, {"linear", "1,2,x"}, {"linear", "0,2,3"},
            {"nosuch", "1"},
            {"group_norm", "1,2,33"}}) {
            assertThrows(IllegalArgumentException.class, () -> WorkList.of(wrong[0], wrong[1]), wrong[0] + " "
                + wrong[1]);
        }
    }

    @Test
    void statistics() {
        assertEquals(new Stats(2.5, 1, 4, 4), Stats.of(4, 1, 3, 2));
        assertEquals(new Stats(3, 1, 5, 3), Stats.of(5, 1, 3));
        assertThrows(IllegalArgumentException.class, () -> Stats.of());
    }
}
