package org.daguerre.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.testing.TestEngine;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The functions of {@code kernels.h} called with what no correct caller passes: absent, freed and foreign addresses,
 * sizes that are negative, zero or overflow, unknown codes. Each must come back with an error that names the operation,
 * what was expected and what was found; none may end the JVM; the engine works afterwards.
 */
class NativeArgumentsTest {
    private static final int BIG = Integer.MAX_VALUE;
    private static final long HUGE = Long.MAX_VALUE;

    /** An engine with one tensor of 4096 bytes, one block that was freed, and packed weights. */
    private static final class Setup implements AutoCloseable {
        final long e;
        final int type;
        final long x;
        final long freed;
        final long conv;
        final long linear;
        final long geglu;
        final long joined; // a convolution of 8 + 8 channels

        Setup(TestEngine engine) {
            long[] out = new long[1];
            ok(Kernels.dg_open(Engines.library(engine.engine()), 0, "threads=1", out));
            e = out[0];
            type = engine.type().code();
            ok(Kernels.dg_alloc(e, 4096, out));
            x = out[0];
            ok(Kernels.dg_alloc(e, 1 << 20, out));
            freed = out[0];
            ok(Kernels.dg_free(e, freed));
            try (FloatPointer w = new FloatPointer(new float[8 * 8 * 9])) {
                ok(Kernels.dg_pack_conv2d(e, type, w.address(), Kernels.DG_F32, 0, 0, 8, 8, 0, 3, 3, out));
                conv = out[0];
                ok(Kernels.dg_pack_linear(e, type, w.address(), Kernels.DG_F32, 0, 0, 8, 8, 0, out));
                linear = out[0];
                ok(Kernels.dg_pack_linear(e, type, w.address(), Kernels.DG_F32, 0, 0, 8, 8, 1, out));
                geglu = out[0];
                ok(Kernels.dg_pack_conv2d(e, type, w.address(), Kernels.DG_F32, 0, 0, 8, 8, 8, 1, 1, out));
                joined = out[0];
            }
        }

        private static void ok(int status) {
            assertEquals(Kernels.DG_OK, status, () -> Kernels.dg_last_error());
        }

        /** y = silu(0) and back: what the engine must still be able to do. */
        void works() {
            try (FloatPointer host = new FloatPointer(0f, 1f, 2f, 3f); FloatPointer back = new FloatPointer(4)) {
                ok(Kernels.dg_upload(e, x, host.address(), 16));
                ok(Kernels.dg_combine(e, Kernels.DG_F32, x, 4, 1, Kernels.DG_F32, x, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0,
                    0, 0, 0));
                ok(Kernels.dg_download(e, back.address(), x, 16));
                assertEquals(6f, back.get(3));
            }
        }

        @Override
        public void close() {
            ok(Kernels.dg_close(e));
        }
    }

    private interface Calls {
        List<IntSupplier> of(Setup s);
    }

    private static Stream<DynamicTest> refused(String operation, Calls calls) {
        return TestEngine.natives().stream().map(engine -> DynamicTest.dynamicTest(engine + " " + operation, () -> {
            try (Setup s = new Setup(engine)) {
                int i = 0;
                for (IntSupplier call : calls.of(s)) {
                    int status = call.getAsInt();
                    String what = operation + ", call " + i++;
                    assertNotEquals(Kernels.DG_OK, status, what);
                    String message = Kernels.dg_last_error();
                    assertTrue(message.contains("expected") || status == Kernels.DG_ERROR_MEMORY
                        || status == Kernels.DG_ERROR_UNSUPPORTED, what + ": "
                        + message);
                    s.works();
                }
            }
        }));
    }

    private static int conv2d(Setup s, long y, long x, int c, long weights, int n, int h, int w, int oh, int ow,
        int stride, int pad, int act) {
        return Kernels.dg_conv2d(s.e, s.type, y, x, c, 0, 0, weights, 0, 0, 0, n, h, w, h, w, oh, ow, stride, pad, pad,
            act);
    }

    @TestFactory
    Stream<DynamicTest> conv2d() {
        return refused("conv2d", s -> List.of(
            () -> conv2d(s, 0, s.x, 8, s.conv, 1, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, 0, 8, s.conv, 1, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.freed, s.x, 8, s.conv, 1, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 7, s.conv, 1, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, 0, 1, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, 12345, 1, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.linear, 1, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 0, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, -1, 4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, -4, 4, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, BIG, BIG, BIG, 4, 4, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 4, 4, BIG, BIG, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 4, 4, 4, 4, 0, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 4, 4, 4, 4, 1, -1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 4, 4, 4, 4, 1, 1, 99),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 64, 64, 64, 64, 1, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 4, 4, 6, 4, 1, 1, 0), // the last window would see padding only
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 4, 4, 4, 2, 1, 1, 0), // a window is left out
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 4, 4, 1, 2, 2, 1, 0),
            () -> conv2d(s, s.x, s.x, 8, s.conv, 1, 4, 4, 4, 4, 1, 3, 0),
            () -> conv2d(s, s.x, s.x, 8, s.joined, 1, 4, 4, 4, 4, 1, 0, 0),
            () -> Kernels.dg_conv2d(s.e, s.type, s.x, s.x, 8, 0, 8, s.joined, 0, 0, 0, 1, 4, 4, 4, 4, 4, 4, 1, 0, 0, 0),
            () -> Kernels.dg_conv2d(s.e, s.type, s.x, s.x, 8, s.x, 0, s.conv, 0, 0, 0, 1, 4, 4, 4, 4, 4, 4, 1, 1, 1, 0),
            () -> Kernels.dg_conv2d(s.e, s.type, s.x, s.x, 8, 0, 0, s.conv, 0, 0, 0, 1, 4, 4, 2, 4, 2, 4, 1, 1, 1, 0),
            () -> Kernels.dg_conv2d(s.e, s.type, s.x, s.x, 8, 0, 0, s.conv, s.x, 7, 0, 2, 4, 4, 4, 4, 4, 4, 1, 1, 1, 0),
            () -> Kernels.dg_conv2d(s.e, 7, s.x, s.x, 8, 0, 0, s.conv, 0, 0, 0, 1, 4, 4, 4, 4, 4, 4, 1, 1, 1, 0),
            () -> Kernels.dg_conv2d(s.e, s.type, s.x, s.x, 8, s.x, 8, s.conv, 0, 0, 0, 1, 4, 4, 4, 4, 4, 4, 1, 1, 1, 0),
            () -> Kernels.dg_conv2d(s.e, s.type, s.x, s.x, 8, 0, 0, s.conv, s.x, -5, 0, 2, 4, 4, 4, 4, 4, 4, 1, 1, 1,
            0),
            () -> Kernels.dg_conv2d(s.e, s.type, s.x, s.x, 8, 0, 0, s.conv, s.x, HUGE, 0, 2, 4, 4, 4, 4, 4, 4, 1, 1, 1,
            0),
            () -> Kernels.dg_conv2d(s.e, s.type, s.x, s.x, 8, 0, 0, s.conv, 0, 0, s.freed, 1, 4, 4, 4, 4, 4, 4, 1, 1, 1,
            0)));
    }

    @TestFactory
    Stream<DynamicTest> linear() {
        return refused("linear", s -> List.of(
            () -> Kernels.dg_linear(s.e, s.type, 0, s.x, s.linear, 0, 4, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, 0, s.linear, 0, 4, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.conv, 0, 4, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, -1, 0, 4, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.linear, 0, 0, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.linear, 0, -4, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.linear, 0, HUGE, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.linear, 0, 1000, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.linear, s.freed, 4, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.linear, 0, 4, -3),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.geglu, s.x, 4, 0),
            () -> Kernels.dg_linear(s.e, s.type, s.x, s.x, s.geglu, 0, 4, Kernels.DG_ACT_SILU),
            () -> Kernels.dg_linear(s.e, Kernels.DG_I32, s.x, s.x, s.linear, 0, 4, 0)));
    }

    private static int attention(Setup s, long y, long q, long k, long ld, int n, int lq, int lk, int heads, int d,
        float scale, int causal) {
        return Kernels.dg_attention(s.e, s.type, y, ld, q, ld, k, ld, k, ld, n, lq, lk, heads, d, scale, causal);
    }

    @TestFactory
    Stream<DynamicTest> attention() {
        return refused("attention", s -> List.of(
            () -> attention(s, 0, s.x, s.x, 16, 1, 4, 4, 2, 8, 1, 0),
            () -> attention(s, s.x, 0, s.x, 16, 1, 4, 4, 2, 8, 1, 0),
            () -> attention(s, s.x, s.x, s.freed, 16, 1, 4, 4, 2, 8, 1, 0),
            () -> attention(s, s.x, s.x, s.x, 15, 1, 4, 4, 2, 8, 1, 0),
            () -> attention(s, s.x, s.x, s.x, HUGE, 1, 4, 4, 2, 8, 1, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 0, 4, 4, 2, 8, 1, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 1, -4, 4, 2, 8, 1, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 1, 4, BIG, 2, 8, 1, 0),
            () -> attention(s, s.x, s.x, s.x, 16, BIG, BIG, BIG, BIG, BIG, 1, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 1, 4, 4, 0, 8, 1, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 1, 4, 4, 2, 8, 0, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 1, 4, 4, 2, 8, -1, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 1, 4, 4, 2, 8, Float.NaN, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 1, 4, 4, 2, 8, Float.POSITIVE_INFINITY, 0),
            () -> attention(s, s.x, s.x, s.x, 16, 1, 4, 5, 2, 8, 1, 1)));
    }

    @TestFactory
    Stream<DynamicTest> norms() {
        return refused("norms", s -> List.of(
            () -> Kernels.dg_group_norm(s.e, s.type, 0, s.x, 8, 0, 0, s.x, s.x, 1, 16, 4, 1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 0, 0, s.x, 1, 16, 4, 1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 0, s.x, s.x, 1, 16, 3, 1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 0, s.x, s.x, 1, 16, 0, 1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 0, s.x, s.x, 1, HUGE, 4, 1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 0, s.x, s.x, -1, 16, 4, 1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 0, s.x, s.x, 1, 16, 4, 1e-5f, Kernels.DG_ACT_GELU),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 8, s.x, s.x, 1, 16, 4, 1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, BIG, s.x, BIG, s.x, s.x, 1, 16, 2, 1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 0, s.x, s.x, 1, 16, 4, -1e-5f, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, 0, 0, s.x, s.x, 1, 16, 4, Float.NaN, 0),
            () -> Kernels.dg_group_norm(s.e, s.type, s.x, s.x, 8, s.x, 0, s.x, s.x, 1, 16, 4, 1e-5f, 0),
            () -> Kernels.dg_layer_norm(s.e, s.type, 0, s.x, s.x, s.x, 4, 8, 1e-5f),
            () -> Kernels.dg_layer_norm(s.e, s.type, s.x, s.x, s.x, s.x, 4, 8, Float.POSITIVE_INFINITY),
            () -> Kernels.dg_layer_norm(s.e, s.type, s.x, s.x, s.x, s.x, -4, 8, 1e-5f),
            () -> Kernels.dg_layer_norm(s.e, s.type, s.x, s.x, s.x, s.x, HUGE, 8, 1e-5f),
            () -> Kernels.dg_layer_norm(s.e, s.type, s.x, s.x, s.x, s.x, 4, 0, 1e-5f),
            () -> Kernels.dg_guidance(s.e, s.type, s.x, 0, s.x, 1, 16, 7.5f, 0),
            () -> Kernels.dg_guidance(s.e, s.type, s.x, s.x, s.x, 0, 16, 7.5f, 0),
            () -> Kernels.dg_guidance(s.e, s.type, s.x, s.x, s.x, 1, 16, 7.5f, -0.1f),
            () -> Kernels.dg_guidance(s.e, s.type, s.x, s.x, s.x, 1, 16, 7.5f, 1.5f),
            () -> Kernels.dg_guidance(s.e, s.type, s.x, s.x, s.x, 1, 16, 7.5f, Float.NaN),
            () -> Kernels.dg_guidance(s.e, s.type, s.x, s.x, s.x, 1, HUGE, 7.5f, 0.7f)));
    }

    private static int combine(Setup s, int yType, long y, long count, int terms, int types, long x) {
        return Kernels.dg_combine(s.e, yType, y, count, terms, types, x, x, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0);
    }

    @TestFactory
    Stream<DynamicTest> elements() {
        return refused("elements", s -> List.of(
            () -> combine(s, 0, 0, 4, 1, 0, s.x),
            () -> combine(s, 0, s.x, 4, 1, 0, 0),
            () -> combine(s, 0, s.x, 4, 0, 0, s.x),
            () -> combine(s, 0, s.x, 4, 9, 0, s.x),
            () -> combine(s, 0, s.x, 4, 3, 0, s.x),
            () -> combine(s, 0, s.x, -4, 1, 0, s.x),
            () -> combine(s, 0, s.x, HUGE, 1, 0, s.x),
            () -> combine(s, 0, s.x, 1025, 1, 0, s.x),
            () -> combine(s, 9, s.x, 4, 1, 0, s.x),
            () -> combine(s, 0, s.x, 4, 1, 15, s.x),
            () -> Kernels.dg_activation_forward(s.e, s.type, 0, s.x, 4, 1),
            () -> Kernels.dg_activation_forward(s.e, s.type, s.x, s.x, -4, 1),
            () -> Kernels.dg_activation_forward(s.e, s.type, s.x, s.x, 4, 13),
            () -> Kernels.dg_activation_forward(s.e, s.type, s.x, s.x, 4, Kernels.DG_ACT_AFTER_RESIDUAL),
            () -> Kernels.dg_blend(s.e, s.x, s.x, 0, s.x, 1, 1, 4, 4),
            () -> Kernels.dg_blend(s.e, s.x, s.x, s.x, s.x, 3, 2, 4, 4),
            () -> Kernels.dg_blend(s.e, s.x, s.x, s.x, s.x, 1, 1, HUGE, 4),
            () -> Kernels.dg_embedding(s.e, s.type, s.x, 0, s.x, 0, 4, 4, 8, 8),
            () -> Kernels.dg_embedding(s.e, s.type, s.x, s.x, s.x, 0, -4, 4, 8, 8),
            () -> Kernels.dg_embedding(s.e, s.type, s.x, s.x, s.x, 0, 4, 4, BIG, BIG),
            () -> Kernels.dg_timestep_embedding(s.e, s.type, 0, s.x, 1, 8),
            () -> Kernels.dg_timestep_embedding(s.e, s.type, s.x, s.x, 1, 7),
            () -> Kernels.dg_timestep_embedding(s.e, s.type, s.x, s.x, BIG, BIG - 1),
            () -> Kernels.dg_count_nonfinite(s.e, s.type, 0, s.x, 4),
            () -> Kernels.dg_count_nonfinite(s.e, s.type, s.x, s.x, HUGE)));
    }

    @TestFactory
    Stream<DynamicTest> layouts() {
        return refused("layouts", s -> List.of(
            () -> Kernels.dg_copy_columns(s.e, s.type, 0, 8, s.x, 8, 4, 8),
            () -> Kernels.dg_copy_columns(s.e, s.type, s.x, 7, s.x, 8, 4, 8),
            () -> Kernels.dg_copy_columns(s.e, s.type, s.x, 8, s.x, 8, -1, 8),
            () -> Kernels.dg_copy_columns(s.e, s.type, s.x, 8, s.x, 8, HUGE, 8),
            () -> Kernels.dg_copy_columns(s.e, 9, s.x, 8, s.x, 8, 4, 8),
            () -> Kernels.dg_nchw_to_nhwc(s.e, s.type, s.x, 0, 0, 1, 4, 4, 4),
            () -> Kernels.dg_nchw_to_nhwc(s.e, s.type, s.x, 0, s.x, 1, BIG, BIG, BIG),
            () -> Kernels.dg_nchw_to_nhwc(s.e, 11, s.x, 0, s.x, 1, 4, 4, 4),
            () -> Kernels.dg_nhwc_to_nchw(s.e, 0, 0, s.type, s.x, 1, 4, 4, 4),
            () -> Kernels.dg_nhwc_to_nchw(s.e, 0, s.x, s.type, s.x, 1, 4, -4, 4),
            () -> Kernels.dg_resize(s.e, s.type, s.x, 0, 1, 4, 4, 4, 8, 8, 1),
            () -> Kernels.dg_resize(s.e, s.type, s.x, s.x, 1, 4, 4, 4, 8, 8, 3),
            () -> Kernels.dg_resize(s.e, s.type, s.x, s.x, 1, 4, 4, 4, 0, 8, 1),
            () -> Kernels.dg_resize(s.e, s.type, s.x, s.x, 1, 4, 4, 4, BIG, BIG, 1),
            () -> Kernels.dg_pixel_unshuffle(s.e, s.type, s.x, s.x, 1, 5, 4, 4, 2),
            () -> Kernels.dg_pixel_unshuffle(s.e, s.type, s.x, s.x, 1, 4, 4, 4, 0),
            () -> Kernels.dg_pixel_shuffle(s.e, s.type, s.x, s.x, 1, 4, 4, 5, 2),
            () -> Kernels.dg_pixel_shuffle(s.e, s.type, s.x, s.x, 1, 4, 4, 4, BIG),
            () -> Kernels.dg_max_pool(s.e, s.type, s.x, s.x, 1, 4, 4, 4, 2, 2, 0, 2, 0, 0),
            () -> Kernels.dg_max_pool(s.e, s.type, s.x, s.x, 1, 4, 4, 4, 2, 2, 2, 0, 0, 0),
            () -> Kernels.dg_max_pool(s.e, s.type, s.x, s.x, 1, 4, 4, 4, 2, 2, 2, 2, 2, 0),
            () -> Kernels.dg_max_pool(s.e, s.type, s.freed, s.x, 1, 4, 4, 4, 2, 2, 2, 2, 0, 0)));
    }

    private static int pack(Setup s, int type, long w, int wType, int o, int c, int c2, int kh, int kw) {
        return Kernels.dg_pack_conv2d(s.e, type, w, wType, 0, 0, o, c, c2, kh, kw, new long[1]);
    }

    @TestFactory
    Stream<DynamicTest> packing() {
        return refused("packing", s -> List.of(
            () -> pack(s, s.type, 0, 0, 8, 8, 0, 3, 3),
            () -> pack(s, s.type, s.x, 0, 0, 8, 0, 3, 3),
            () -> pack(s, s.type, s.x, 0, 8, -8, 0, 3, 3),
            () -> pack(s, s.type, s.x, 0, 8, 8, -1, 3, 3),
            () -> pack(s, s.type, s.x, 0, 8, 8, 0, 0, 3),
            () -> pack(s, s.type, s.x, 5, 8, 8, 0, 3, 3),
            () -> pack(s, 9, s.x, 0, 8, 8, 0, 3, 3),
            () -> pack(s, s.type, s.x, 0, BIG, BIG, BIG, BIG, BIG),
            () -> Kernels.dg_pack_linear(s.e, s.type, 0, 0, 0, 0, 8, 8, 0, new long[1]),
            () -> Kernels.dg_pack_linear(s.e, s.type, s.x, 0, 0, 0, 7, 8, 1, new long[1]),
            () -> Kernels.dg_pack_linear(s.e, s.type, s.x, 0, 0, 0, -8, 8, 0, new long[1]),
            () -> Kernels.dg_pack_linear(s.e, s.type, s.x, 0, 0, 0, BIG, BIG, 0, new long[1]),
            () -> Kernels.dg_pack_linear(s.e, s.type, s.x, 0, 0, 0, 8, 8, 0, (long[]) null),
            () -> Kernels.dg_free_weights(s.e, 0),
            () -> Kernels.dg_free_weights(s.e, 987654321)));
    }

    @TestFactory
    Stream<DynamicTest> memoryAndEngine() {
        return refused("memory", s -> {
            List<IntSupplier> calls = new ArrayList<>(List.of(
                () -> Kernels.dg_alloc(s.e, -1, new long[1]),
                () -> Kernels.dg_alloc(s.e, HUGE, new long[1]),
                () -> Kernels.dg_alloc(s.e, 1L << 45, new long[1]),
                () -> Kernels.dg_alloc(s.e, 64, (long[]) null),
                () -> Kernels.dg_free(s.e, 0),
                () -> Kernels.dg_free(s.e, s.freed),
                () -> Kernels.dg_free(s.e, s.x + 16),
                () -> Kernels.dg_free(s.e, 0xDEADBEEFL),
                () -> Kernels.dg_upload(s.e, s.x, 0, 16),
                () -> Kernels.dg_upload(s.e, 0, s.x, 16),
                () -> Kernels.dg_upload(s.e, s.x, s.x, -16),
                () -> Kernels.dg_upload(s.e, s.x, s.x, HUGE),
                () -> Kernels.dg_upload(s.e, s.freed, s.x, 16),
                () -> Kernels.dg_download(s.e, 0, s.x, 16),
                () -> Kernels.dg_download(s.e, s.x, 0, 16),
                () -> Kernels.dg_download(s.e, s.x, s.x + 4090, 16),
                () -> Kernels.dg_variants(s.e, -1, new int[1]),
                () -> Kernels.dg_variants(s.e, Kernels.DG_OP_COUNT, new int[1]),
                () -> Kernels.dg_variants(s.e, 0, (int[]) null),
                () -> Kernels.dg_set_variant(s.e, 0, -1),
                () -> Kernels.dg_set_variant(s.e, 0, 1000),
                () -> Kernels.dg_set_variant(s.e, 99, 0),
                () -> Kernels.dg_statistics(s.e, (long[]) null, 8),
                () -> Kernels.dg_graph_launch(s.e, 0),
                () -> Kernels.dg_graph_free(s.e, 424242),
                () -> Kernels.dg_event_record(s.e, 16),
                () -> Kernels.dg_event_record(s.e, -1),
                () -> Kernels.dg_event_elapsed(s.e, 0, 99, new float[1]),
                () -> Kernels.dg_describe(s.e, (BytePointer) null, 10)));
            calls.add(() -> Kernels.dg_synchronize(0));
            calls.add(() -> Kernels.dg_close(0));
            return calls;
        });
    }

    /** Opening: no path, no library, no plug-in, no such device, no place for the result. */
    @TestFactory
    Stream<DynamicTest> opening() {
        return refused("opening", s -> List.of(
            () -> Kernels.dg_open("/nowhere/lib.so", 0, "", new long[1]) == Kernels.DG_OK ? Kernels.DG_OK : missing(),
            () -> Kernels.dg_open((String) null, 0, "", new long[1]),
            () -> Kernels.dg_open(Loader.load(Kernels.class), 0, "", new long[1])));
    }

    /** dlopen words this one; it names the file. */
    private static int missing() {
        assertTrue(Kernels.dg_last_error().contains("/nowhere/lib.so"));
        return Kernels.dg_open((String) null, 0, "", new long[1]);
    }
}
