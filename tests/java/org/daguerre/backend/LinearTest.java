package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.tensor.Activation;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Linear layer: sizes around the tiles, epilogues, GEGLU. */
class LinearTest {

    private static Case plain(int rows, int k, int o, Values values) {
        return Case.of("[" + rows + ", " + k + "] -> " + o, values,
            s -> s.ops().linear(s.input("x", rows, k), s.linear("w", o, k, true, false)));
    }

    private static Case geglu(int rows, int k, int o, Values values) {
        return Case.of("geglu [" + rows + ", " + k + "] -> " + o + " / 2", values,
            s -> s.ops().linear(s.input("x", rows, k), s.linear("w", o, k, true, true)));
    }

    @TestFactory
    Stream<DynamicTest> sizesAroundTiles() {
        List<Case> cases = new ArrayList<>();
        cases.add(plain(1, 1, 1, Values.NORMAL));
        cases.add(plain(1, 8, 8, Values.NORMAL));
        cases.add(plain(1, 320, 72, Values.NORMAL));
        cases.add(plain(5, 7, 11, Values.NORMAL));
        for (int size : List.of(15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129)) {
            cases.add(plain(size, 24, 40, Values.NORMAL));
            cases.add(plain(9, size, 40, Values.NORMAL));
            cases.add(plain(9, 24, size, Values.NORMAL));
        }
        cases.add(plain(257, 8, 24, Values.NORMAL));
        cases.add(plain(77, 768, 64, Values.NORMAL));
        cases.add(plain(2, 320, 1280, Values.NORMAL));
        cases.add(plain(33, 1280, 80, Values.NORMAL));
        return Comparison.tests(Kernels.DG_OP_LINEAR, cases);
    }

    @TestFactory
    Stream<DynamicTest> epilogues() {
        List<Case> cases = new ArrayList<>();
        for (int o : List.of(13, 40)) {
            String name = "[2, 9, 24] -> " + o + " ";
            cases.add(Case.of(name + "one row, residual", s -> s.ops().linear(s.input("x", 1, 24),
                s.linear("w", o, 24, true, false), s.input("residual", 1, o), Activation.SILU.code())));
            cases.add(Case.of(name + "without bias", s ->
                s.ops().linear(s.input("x", 2, 9, 24), s.linear("w", o, 24, false, false))));
            for (Activation f : Activation.values()) {
                cases.add(Case.of(name + f, s ->
                    s.ops().linear(s.input("x", 2, 9, 24), s.linear("w", o, 24, true, false), null, f.code())));
                cases.add(Case.of(name + f + " then residual", s -> s.ops().linear(s.input("x", 2, 9, 24),
                    s.linear("w", o, 24, true, false), s.input("residual", 2, 9, o), f.code())));
                cases.add(Case.of(name + "residual then " + f, s -> s.ops().linear(s.input("x", 2, 9, 24),
                    s.linear("w", o, 24, true, false), s.input("residual", 2, 9, o),
                    f.code() | Activation.AFTER_RESIDUAL)));
            }
        }
        return Comparison.tests(Kernels.DG_OP_LINEAR, cases);
    }

    @TestFactory
    Stream<DynamicTest> gegluSizes() {
        List<Case> cases = new ArrayList<>();
        cases.add(geglu(1, 1, 2, Values.NORMAL));
        for (int o : List.of(2, 6, 14, 16, 18, 30, 34, 62, 64, 66, 126, 130, 258)) {
            cases.add(geglu(5, 24, o, Values.NORMAL));
        }
        cases.add(geglu(65, 80, 640, Values.NORMAL));
        cases.add(geglu(5, 7, 22, Values.NORMAL));
        cases.add(geglu(5, 24, 48, Values.EQUAL));
        return Comparison.tests(Kernels.DG_OP_LINEAR, cases);
    }

    @TestFactory
    Stream<DynamicTest> values() {
        List<Case> cases = new ArrayList<>();
        for (Values v : List.of(Values.OFFSET, Values.LARGE, Values.SMALL, Values.EQUAL, Values.ZERO)) {
            cases.add(plain(9, 40, 24, v));
            cases.add(plain(9, 13, 24, v));
        }
        return Comparison.tests(Kernels.DG_OP_LINEAR, cases);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> fullSizes() {
        return Comparison.tests(Kernels.DG_OP_LINEAR, List.of(plain(256, 1280, 1280, Values.NORMAL),
            plain(1024, 640, 1920, Values.NORMAL), plain(77, 1024, 2560, Values.NORMAL),
            plain(77, 768, 3072, Values.NORMAL),
            geglu(256, 640, 5120, Values.NORMAL), plain(1, 2816, 1280, Values.NORMAL)));
    }
}
