package org.daguerre.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.GuardedBackend;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.Values;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Counting of NaN and infinite values: none, some at the ends, all. */
class CountNonFiniteTest {
    static Stream<TestEngine> engines() {
        return TestEngine.all().stream();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void countsExactly(TestEngine engine) {
        try (Backend backend = engine.open(); Ops ops = Ops.on(GuardedBackend.around(backend))) {
            for (int count : List.of(1, 2, 7, 8, 9, 255, 257, 2048, 2049, 70001)) {
                float[] x = Values.NORMAL.array("x", count);
                assertEquals(0, counted(ops, ops.type(), x));
                x[count - 1] = Float.NaN;
                assertEquals(1, counted(ops, ops.type(), x), "a NaN at the end of " + count);
                x[0] = Float.NEGATIVE_INFINITY;
                x[count / 2] = Float.POSITIVE_INFINITY;
                int expected = count == 1 ? 1 : count == 2 ? 2 : 3;
                assertEquals(expected, counted(ops, ops.type(), x), "within " + count);
                assertEquals(expected, counted(ops, DType.F32, x), "f32 within " + count);
                Arrays.fill(x, Float.NaN);
                assertEquals(count, counted(ops, ops.type(), x), "all of " + count);
            }
        }
    }

    /** The largest finite numbers of each type are finite. */
    @ParameterizedTest
    @MethodSource("engines")
    void largestNumbersAreFinite(TestEngine engine) {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            float largest = engine.type() == DType.F16 ? 65504 : engine.type() == DType.BF16 ? 0x1.fep127f
                : Float.MAX_VALUE;
            assertEquals(0, counted(ops, ops.type(), new float[] {largest, -largest, Float.MIN_VALUE, -0f}));
        }
    }

    private static int counted(Ops parent, DType type, float[] values) {
        try (Ops ops = parent.child()) {
            Tensor t = ops.empty(type, values.length);
            ops.backend().upload(t, HostTensor.of("x", Shape.of(values.length), values).to(type));
            return ops.countNonFinite(t);
        }
    }
}
