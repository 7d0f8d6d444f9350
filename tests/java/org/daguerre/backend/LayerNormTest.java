package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.daguerre.testing.Side;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Layer norm over the innermost dimension. */
class LayerNormTest {

    private static Case norm(int rows, int c, Values values) {
        return Case.of("[" + rows + ", " + c + "]", values,
            s -> s.ops().layerNorm(s.input("x", rows, c), s.f32("weight", Values.NORMAL, c),
            s.f32("bias", Values.NORMAL, c), 1e-5f));
    }

    @TestFactory
    Stream<DynamicTest> sizes() {
        List<Case> cases = new ArrayList<>();
        cases.add(norm(1, 1, Values.NORMAL));
        cases.add(norm(1, 8, Values.NORMAL));
        for (int c : List.of(3, 7, 9, 31, 33, 63, 64, 65, 127, 129, 255, 257, 320, 640, 768, 1024, 1280)) {
            cases.add(norm(5, c, Values.NORMAL));
        }
        for (int rows : List.of(7, 8, 9, 77, 129)) {
            cases.add(norm(rows, 40, Values.NORMAL));
        }
        return Comparison.tests(Kernels.DG_OP_LAYER_NORM, cases);
    }

    /** Limits for mean 1000 as in {@link GroupNormTest}. */
    @TestFactory
    Stream<DynamicTest> values() {
        List<Case> cases = new ArrayList<>();
        for (int c : List.of(64, 45, 1280)) {
            cases.add(norm(9, c, Values.OFFSET).within(Limits.DEFAULT.withAbsolute(1e-3)));
            cases.add(norm(9, c, Values.LARGE));
            cases.add(norm(9, c, Values.SMALL));
            cases.add(norm(9, c, Values.EQUAL));
            cases.add(norm(9, c, Values.ZERO));
        }
        return Comparison.tests(Kernels.DG_OP_LAYER_NORM, cases);
    }

    /** As the last norm of models without learned scale or shift. */
    @TestFactory
    Stream<DynamicTest> withoutWeightOrBias() {
        return Comparison.tests(Kernels.DG_OP_LAYER_NORM, List.of(
            Case.of("neither", s -> run(s, false, false)), Case.of("weight", s -> run(s, true, false)),
            Case.of("bias", s -> run(s, false, true))));
    }

    private static Tensor run(Side s, boolean weight, boolean bias) {
        Tensor y = s.ops().empty(s.type(), 5, 40);
        s.backend().layerNorm(y, s.input("x", 5, 40), weight ? s.f32("weight", Values.NORMAL, 40) : null,
            bias ? s.f32("bias", Values.NORMAL, 40) : null, 1e-5f);
        return y;
    }
}
