package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.tensor.Activation;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Group norm: one element to whole pictures, two sources, every activation that it fuses, means far above the
 * deviation.
 */
class GroupNormTest {

    private static Case norm(int n, int h, int w, int c, int c2, int groups, Activation f, Values values) {
        return Case.of("[" + n + ", " + h + ", " + w + ", " + c + (c2 > 0 ? "+" + c2 : "") + "] " + groups + " groups "
            + f, values,
            s -> s.ops().groupNorm(s.input("x", n, h, w, c), c2 == 0 ? null : s.input("x2", n, h, w, c2),
                s.f32("weight", Values.NORMAL, c + c2), s.f32("bias", Values.NORMAL, c + c2), groups, 1e-5f, f));
    }

    @TestFactory
    Stream<DynamicTest> sizes() {
        List<Case> cases = new ArrayList<>();
        cases.add(norm(1, 1, 1, 1, 0, 1, Activation.NONE, Values.NORMAL));
        cases.add(norm(1, 1, 1, 8, 0, 4, Activation.NONE, Values.NORMAL));
        cases.add(norm(1, 3, 5, 3, 0, 3, Activation.SILU, Values.NORMAL));
        cases.add(norm(2, 3, 5, 15, 0, 5, Activation.SILU, Values.NORMAL));
        for (int pixels : List.of(15, 17, 31, 33, 63, 64, 65, 127, 129, 513, 1025)) {
            cases.add(norm(1, 1, pixels, 32, 0, 8, Activation.SILU, Values.NORMAL));
        }
        for (int c : List.of(32, 64, 96, 128, 160, 320, 640, 960)) {
            cases.add(norm(2, 4, 5, c, 0, 32, Activation.SILU, Values.NORMAL));
        }
        cases.add(norm(1, 8, 8, 2560, 0, 32, Activation.NONE, Values.NORMAL));
        cases.add(norm(1, 4, 4, 24, 0, 1, Activation.NONE, Values.NORMAL));
        cases.add(norm(3, 4, 4, 24, 0, 24, Activation.NONE, Values.NORMAL));
        cases.add(norm(1, 64, 64, 32, 0, 32, Activation.SILU, Values.NORMAL));
        return Comparison.tests(Kernels.DG_OP_GROUP_NORM, cases);
    }

    @TestFactory
    Stream<DynamicTest> inPlace() {
        List<Case> cases = new ArrayList<>();
        for (int[] size : new int[][] {{1, 8, 4}, {33, 32, 8}, {1025, 64, 32}, {35, 15, 5}, {4096, 320, 32}}) {
            cases.add(Case.of("over its input, " + size[0] + " pixels of " + size[1], Values.NORMAL, s -> s.ops().groupNormInPlace(
                s.input("x", 2, 1, size[0], size[1]), s.f32("weight", Values.NORMAL, size[1]), s.f32("bias", Values.NORMAL, size[1]),
                size[2], 1e-5f, Activation.SILU)));
        }
        return Comparison.tests(Kernels.DG_OP_GROUP_NORM, cases);
    }

    @TestFactory
    Stream<DynamicTest> twoSources() {
        List<Case> cases = new ArrayList<>();
        for (int[] split : new int[][] {{32, 32}, {64, 32}, {40, 24}, {16, 48}, {7, 9}, {1, 15}, {80, 160}, {640, 320},
            {20, 12}}) {
            cases.add(norm(2, 5, 7, split[0], split[1], (split[0] + split[1]) % 32 == 0 ? 32 : 4, Activation.SILU,
                Values.NORMAL));
        }
        return Comparison.tests(Kernels.DG_OP_GROUP_NORM, cases);
    }

    @TestFactory
    Stream<DynamicTest> activations() {
        List<Case> cases = new ArrayList<>();
        for (Activation f : List.of(Activation.NONE, Activation.SILU, Activation.RELU)) {
            cases.add(norm(2, 5, 7, 64, 0, 32, f, Values.NORMAL));
            cases.add(norm(2, 5, 7, 30, 0, 5, f, Values.NORMAL));
        }
        return Comparison.tests(Kernels.DG_OP_GROUP_NORM, cases);
    }

    /**
     * Mean 1000: a mean in f32 is off by up to 6e-5, half a unit in its last place, against a deviation of 1; the sums
     * that lead to it add their own rounding. Hence 1e-3 in F32.
     */
    @TestFactory
    Stream<DynamicTest> values() {
        List<Case> cases = new ArrayList<>();
        Limits wide = Limits.DEFAULT.withAbsolute(1e-3);
        for (int[] size : new int[][] {{6, 7, 64}, {48, 48, 32}, {5, 5, 15}}) {
            int groups = size[2] == 15 ? 5 : 16;
            cases.add(norm(2, size[0], size[1], size[2], 0, groups, Activation.SILU, Values.OFFSET).within(wide));
            cases.add(norm(2, size[0], size[1], size[2], 0, groups, Activation.NONE, Values.LARGE));
            cases.add(norm(2, size[0], size[1], size[2], 0, groups, Activation.NONE, Values.SMALL));
            cases.add(norm(2, size[0], size[1], size[2], 0, groups, Activation.SILU, Values.EQUAL));
            cases.add(norm(2, size[0], size[1], size[2], 0, groups, Activation.NONE, Values.ZERO));
        }
        return Comparison.tests(Kernels.DG_OP_GROUP_NORM, cases);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> fullSizes() {
        return Comparison.tests(Kernels.DG_OP_GROUP_NORM,
            List.of(norm(2, 64, 64, 320, 0, 32, Activation.SILU, Values.NORMAL),
            norm(2, 8, 8, 1280, 1280, 32, Activation.SILU, Values.NORMAL),
            norm(1, 64, 64, 640, 320, 32, Activation.SILU, Values.NORMAL),
            norm(1, 256, 256, 128, 0, 32, Activation.SILU, Values.NORMAL)));
    }
}
