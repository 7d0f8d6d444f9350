package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Attention: every head size of the models, ragged lengths, strided views, causal masks, scores far from zero. */
class AttentionTest {

    private static Case self(int n, int l, int heads, int d) {
        return cross(n, l, l, heads, d, Values.NORMAL);
    }

    private static Case cross(int n, int lq, int lk, int heads, int d, Values values) {
        return Case.of("n " + n + " lq " + lq + " lk " + lk + " heads " + heads + " d " + d, values, s ->
            s.ops().attention(
            s.input("q", n, lq, heads * d).columns(), s.input("k", n, lk, heads * d).columns(),
            s.input("v", n, lk, heads * d).columns(),
            heads, false));
    }

    private static Case causal(int n, int l, int heads, int d) {
        return Case.of("causal n " + n + " l " + l + " heads " + heads + " d " + d, s -> {
            Tensor qkv = s.input("qkv", n, l, 3 * heads * d);
            int c = heads * d;
            return s.ops().attention(qkv.columns(0, c), qkv.columns(c, c), qkv.columns(2 * c, c), heads, true);
        });
    }

    @TestFactory
    Stream<DynamicTest> headSizes() {
        List<Case> cases = new ArrayList<>();
        for (int d : List.of(8, 16, 24, 32, 40, 48, 64, 80, 96, 128, 160)) {
            cases.add(self(1, 37, 2, d));
            cases.add(cross(2, 33, 77, 2, d, Values.NORMAL));
            cases.add(causal(1, 35, 2, d));
        }
        for (int d : List.of(256, 512)) {
            cases.add(self(1, 37, 1, d));
            cases.add(cross(1, 9, 65, 1, d, Values.NORMAL));
        }
        cases.add(self(1, 5, 1, 1));
        cases.add(self(1, 19, 3, 5));
        cases.add(self(1, 19, 2, 13));
        cases.add(self(1, 9, 1, 129));
        return Comparison.tests(Kernels.DG_OP_ATTENTION, cases);
    }

    @TestFactory
    Stream<DynamicTest> lengths() {
        List<Case> cases = new ArrayList<>();
        cases.add(self(1, 1, 1, 8));
        cases.add(self(3, 1, 2, 40));
        for (int l : List.of(15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129)) {
            cases.add(cross(1, l, 20, 1, 40, Values.NORMAL));
            cases.add(cross(1, 20, l, 1, 40, Values.NORMAL));
            cases.add(cross(1, 7, l, 1, 160, Values.NORMAL));
            cases.add(causal(1, l, 1, 64));
        }
        cases.add(cross(1, 1, 300, 1, 64, Values.NORMAL));
        cases.add(cross(1, 300, 1, 1, 64, Values.NORMAL));
        cases.add(causal(2, 77, 3, 64));
        return Comparison.tests(Kernels.DG_OP_ATTENTION, cases);
    }

    /** Slices of fused projections, aligned to 16 bytes and not. */
    @TestFactory
    Stream<DynamicTest> stridedViews() {
        List<Case> cases = new ArrayList<>();
        for (int d : List.of(8, 40, 64, 5)) {
            cases.add(Case.of("fused qkv d " + d, s -> {
                Tensor qkv = s.input("qkv", 2, 21, 6 * d);
                return s.ops().attention(qkv.columns(0, 2 * d), qkv.columns(2 * d, 2 * d), qkv.columns(4 * d, 2 * d), 2,
                    false);
            }));
            cases.add(Case.of("fused kv d " + d, s -> {
                Tensor kv = s.input("kv", 2, 77, 4 * d + 8);
                return s.ops().attention(s.input("q", 2, 21, 2 * d).columns(), kv.columns(8, 2 * d),
                    kv.columns(8 + 2 * d, 2 * d), 2, false);
            }));
            cases.add(Case.of("columns from 1, d " + d, s -> {
                Tensor qkv = s.input("qkv", 2, 21, 3 * d + 3);
                return s.ops().attention(qkv.columns(1, d), qkv.columns(d + 2, d), qkv.columns(2 * d + 3, d), 1, false);
            }));
        }
        return Comparison.tests(Kernels.DG_OP_ATTENTION, cases);
    }

    /** Scores in the hundreds: one key takes all; equal scores: the mean; keys in order of falling and rising score. */
    @TestFactory
    Stream<DynamicTest> values() {
        List<Case> cases = new ArrayList<>();
        for (int d : List.of(40, 160)) {
            cases.add(cross(1, 17, 45, 2, d, Values.EQUAL));
            cases.add(cross(1, 17, 45, 2, d, Values.ZERO));
            for (double factor : List.of(20.0, 0.05, -3.0)) {
                cases.add(Case.of("d " + d + " keys along the query, times " + factor, s -> s.ops().attention(
                    s.input("q", Values.EQUAL, 1, 17, d).columns(),
                    s.activations(ramp(45, d, factor), 1, 45, d).columns(),
                    s.input("v", 1, 45, d).columns(), 1, false)));
            }
        }
        return Comparison.tests(Kernels.DG_OP_ATTENTION, cases);
    }

    /** Key j is j / 45 * factor everywhere. */
    private static float[] ramp(int keys, int d, double factor) {
        float[] k = new float[keys * d];
        for (int i = 0; i < k.length; i++) {
            k[i] = (float) (factor * (i / d) / keys);
        }
        return k;
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> fullSizes() {
        return Comparison.tests(Kernels.DG_OP_ATTENTION,
            List.of(self(1, 1024, 8, 40), self(1, 1024, 2, 64), self(1, 256, 8, 160),
            cross(2, 1024, 77, 8, 40, Values.NORMAL), self(1, 1024, 1, 512), causal(2, 77, 12, 64),
            cross(1, 257, 154, 8, 80, Values.NORMAL)));
    }
}
