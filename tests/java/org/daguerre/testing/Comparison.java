package org.daguerre.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.stream.Stream;
import org.daguerre.backend.NativeBackend;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;

/**
 * Runs one operation on every native engine, in every storage type and variant, and on the {@code java} engine, and
 * compares. Inputs are rounded to the type under test on both sides; buffers are guarded.
 */
public final class Comparison {
    /** For operations without variants. */
    public static final int NO_VARIANTS = -1;

    private Comparison() {
    }

    /** The operation: makes its inputs and returns its result. Must do the same on both sides. */
    @FunctionalInterface
    public interface Operation {
        Tensor run(Side side);
    }

    /** One call of an operation. */
    public record Case(String name, Values values, Limits limits, Operation operation) {
        public static Case of(String name, Operation operation) {
            return new Case(name, Values.NORMAL, Limits.DEFAULT, operation);
        }

        public static Case of(String name, Values values, Operation operation) {
            return new Case(name + " " + values, values, Limits.DEFAULT, operation);
        }

        public Case within(Limits other) {
            return new Case(name, values, other, operation);
        }
    }

    /** One test for each engine, type and case; all variants of the operation ({@code DG_OP_*}) in it. */
    public static Stream<DynamicTest> tests(int operation, List<Case> cases) {
        return TestEngine.natives().stream().flatMap(engine -> cases.stream()
            .map(c -> dynamicTest(engine + " " + c.name(), () -> compare(engine, operation, c))));
    }

    /** As {@link #tests(int, List)} for an operation without variants. */
    public static Stream<DynamicTest> tests(List<Case> cases) {
        return tests(NO_VARIANTS, cases);
    }

    private record Result(Shape shape, DType type, float[] values) {
    }

    private static void compare(TestEngine engine, int operation, Case c) {
        try (Backend backend = engine.open()) {
            Result expected = run(new ReferenceBackend(), engine.type(), c);
            NativeBackend tuned = (NativeBackend) backend;
            int variants = operation == NO_VARIANTS ? 0 : tuned.variants(operation);
            for (int variant = 0; variant <= variants; variant++) {
                if (operation != NO_VARIANTS) {
                    tuned.setVariant(operation, variant);
                }
                String what = engine + " variant " + variant + " " + c.name();
                Result actual = variant(GuardedBackend.around(backend), engine, c, variant);
                if (actual != null) {
                    assertEquals(expected.shape, actual.shape, what);
                    Accuracy.check(what, c.limits(), actual.type, actual.shape, expected.values, actual.values);
                }
                assertEquals(0, backend.statistics().liveBytes(), what + ": live bytes");
            }
        }
    }

    /**
     * The result, or null where this variant says that it does not serve this shape; the engine's own choice always
     * must.
     */
    private static Result variant(Backend guarded, TestEngine engine, Case c, int variant) {
        try {
            return run(guarded, engine.type(), c);
        } catch (BackendException e) {
            if (variant == 0 || !e.getMessage().contains("variant")) {
                throw e;
            }
            return null;
        }
    }

    private static Result run(Backend backend, DType type, Case c) {
        try (Side side = new Side(backend, type, c.values())) {
            Tensor y = c.operation().run(side);
            return new Result(y.shape(), y.dtype(), side.ops().download(y));
        }
    }
}
