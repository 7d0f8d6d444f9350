package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.daguerre.backend.NativeBackend;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.TestEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Timing of single operations, their comparison, and recording in front of an engine. */
class EngineTimerTest {
    private static final List<Work> WORK = List.of(
        new Work.Convolution(2, 8, 6, 16, 8, 16, 12, 16, 12, 24, 3, 3, 1, 1, 1, true),
        new Work.Linear(9, 32, 64, true, false), new Work.Linear(9, 32, 24, false, true),
        new Work.Attention(2, 9, 7, 2, 16, false));

    static List<TestEngine> engines() {
        return TestEngine.natives();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyOperationIsTimedAndNothingIsKept(TestEngine e) {
        try (NativeBackend engine = (NativeBackend) e.open(); EngineTimer timer = new EngineTimer(engine)) {
            long before = engine.statistics().liveBytes();
            for (Work work : WORK) {
                double ms = timer.milliseconds(work, 2).orElseThrow();
                assertTrue(ms > 0 && ms < 60_000, work.label() + ": " + ms);
            }
            assertEquals(before, engine.statistics().liveBytes());
        }
    }

    /** Says {@code ms} for every call; the one of 3 ms knows linear layers only. */
    private static Baseline fixed(double ms) {
        return new Baseline() {
            @Override
            public String description() {
                return "fixed";
            }

            @Override
            public OptionalDouble milliseconds(Work work, int repetitions) {
                return ms == 2 || work instanceof Work.Linear ? OptionalDouble.of(ms) : OptionalDouble.empty();
            }

            @Override
            public void close() {
                // holds nothing
            }
        };
    }

    @Test
    void ratioIsTheirTimeOverOurs() {
        List<Comparison> seen = new ArrayList<>();
        List<Comparison> rows = Comparison.all(fixed(2), fixed(3), WORK, 1, seen::add);
        assertEquals(rows, seen);
        assertTrue(rows.get(0).ratio().isEmpty());
        assertEquals(1.5, rows.get(1).ratio().orElseThrow());
        assertEquals(2.0 * 9 * 32 * 64 / 2e-3 / 1e12, rows.get(1).teraflops(), 1e-15);
    }

    @Test
    void recorderChangesNothing() {
        try (ReferenceBackend engine = new ReferenceBackend()) {
            WorkRecorder recorder = WorkRecorder.before(engine);
            float[] plain = product(Ops.on(engine));
            assertArrayEquals(plain, product(Ops.on(recorder.backend())));
            assertEquals(Map.of(new Work.Linear(2, 3, 2, false, false), 1), recorder.counts());
            assertThrows(IllegalArgumentException.class, () -> Ops.on(recorder.backend()).upload(new float[2], 3));
        }
    }

    private static float[] product(Ops root) {
        try (Ops ops = root) {
            Tensor x = ops.upload(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
            HostTensor w = HostTensor.of("w", Shape.of(2, 3), new float[] {1, -1, 2, 0.5f, 3, -2});
            PackedWeights packed = ops.backend().packLinear(ops.type(), w, null, false);
            float[] y = ops.download(ops.linear(x, packed));
            ops.backend().free(packed);
            return y;
        }
    }
}
