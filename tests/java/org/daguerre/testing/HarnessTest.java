package org.daguerre.testing;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.DeviceBuffer;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The comparison itself: it finds what it is there to find. */
class HarnessTest {
    private static final Shape SHAPE = Shape.of(10, 100);

    private static void check(DType type, float[] expected, float[] actual) {
        Accuracy.check("test", Limits.DEFAULT, type, SHAPE, expected, actual);
    }

    private static float[] rounded(float[] values, DType type) {
        float[] r = values.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] = (float) Accuracy.round(r[i], type);
        }
        return r;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void oneWrongElementIsFound(DType type) {
        float[] expected = Values.NORMAL.array("x", 1000);
        float[] actual = rounded(expected, type);
        assertDoesNotThrow(() -> check(type, expected, actual));
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, expected[537] + 0.25f, -5, 1e30f}) {
            float[] changed = actual.clone();
            changed[537] = wrong;
            String message = assertThrows(AssertionError.class, () -> check(type, expected, changed)).getMessage();
            assertTrue(message.contains("(5, 37)") && message.contains(String.valueOf(expected[537]))
                && message.contains("seed"), message);
        }
    }

    /** Each element a little off in one direction: within the limit of the elements, not within that of the whole. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void driftIsFound(DType type) {
        float[] expected = Values.NORMAL.array("x", 1000);
        float[] actual = rounded(expected, type);
        double drift = type == DType.F32 ? 1e-3 : type == DType.F16 ? 3e-3 : 2.4e-2;
        for (int i = 0; i < actual.length; i++) {
            actual[i] += (float) (drift * (1 + Math.abs(expected[i])));
        }
        assertThrows(AssertionError.class, () -> check(type, expected, actual));
    }

    @Test
    void overflowMustBeInfinite() {
        float[] expected = new float[1000];
        expected[3] = 70000;
        float[] actual = new float[1000];
        actual[3] = Float.POSITIVE_INFINITY;
        assertDoesNotThrow(() -> check(DType.F16, expected, actual));
        actual[3] = 65504;
        assertThrows(AssertionError.class, () -> check(DType.F16, expected, actual));
    }

    @Test
    void sameMeansTheSameBits() {
        float[] a = Values.NORMAL.array("x", 1000);
        assertDoesNotThrow(() -> Accuracy.same("test", SHAPE, a, a.clone()));
        float[] b = a.clone();
        b[9] = Math.nextUp(b[9]);
        assertThrows(AssertionError.class, () -> Accuracy.same("test", SHAPE, a, b));
        float[] nan = a.clone();
        nan[9] = Float.NaN;
        assertThrows(AssertionError.class, () -> Accuracy.same("test", SHAPE, nan, nan));
    }

    /** A value written just before or just behind a tensor, on every native engine. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 7, 8, 60})
    void writesOutsideAreFound(int at) {
        for (TestEngine engine : TestEngine.natives()) {
            try (Backend backend = engine.open()) {
                Backend guarded = GuardedBackend.around(backend);
                DeviceBuffer buffer = (DeviceBuffer) guarded.alloc(28, DType.F32);
                backend.upload(new Tensor(buffer, at, DType.F32, Shape.of(1)), new float[] {1});
                AssertionError e = assertThrows(AssertionError.class, () -> guarded.free(buffer));
                assertTrue(e.getMessage().contains("byte " + 4 * at), e.getMessage());
            }
        }
    }

    @Test
    void unwrittenMemoryIsNotANumber() {
        for (TestEngine engine : TestEngine.natives()) {
            try (Backend backend = engine.open(); Ops ops = Ops.on(GuardedBackend.around(backend))) {
                for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
                    for (float v : ops.download(ops.empty(type, 5))) {
                        assertTrue(Float.isNaN(v), engine + " " + type);
                    }
                }
            }
        }
    }

    /** The same name gives the same numbers, another one others. */
    @Test
    void valuesDependOnTheirName() {
        Accuracy.same("x", SHAPE, Values.NORMAL.array("x", 1000), Values.NORMAL.array("x", 1000));
        assertThrows(AssertionError.class,
            () -> Accuracy.same("y", SHAPE, Values.NORMAL.array("x", 1000), Values.NORMAL.array("y", 1000)));
    }
}
