package org.daguerre.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.daguerre.backend.Engines;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.Values;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who owns memory, what happens when there is no more, and transfers, on every engine. */
class OpsArenaTest {
    static Stream<TestEngine> engines() {
        return TestEngine.all().stream();
    }

    private static long live(Ops ops) {
        return ops.backend().statistics().liveBytes();
    }

    /** Norm, linear layer and residual; frees its weights. */
    private static Tensor block(Ops parent, PackedWeights w, Tensor x) {
        try (Ops ops = parent.child()) {
            Tensor one = ops.upload(Values.EQUAL.array("one", 16), 16);
            Tensor h = ops.layerNorm(x, one, one, 1e-5f);
            h = ops.silu(ops.linear(h, w));
            return ops.lift(ops.add(x, h));
        }
    }

    private static PackedWeights weights(Ops ops) {
        HostTensor w = HostTensor.of("w", Shape.of(16, 16), Values.NORMAL.array("w", 256));
        return ops.backend().packLinear(ops.type(), w, null, false);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void forwardLeavesOnlyItsResult(TestEngine engine) {
        try (Backend backend = engine.open()) {
            try (Ops ops = Ops.on(backend)) {
                PackedWeights w = weights(ops);
                Tensor x = ops.cast(ops.upload(Values.NORMAL.array("x", 80), 5, 16), ops.type());
                long before = live(ops);
                Tensor y = block(ops, w, x);
                assertEquals(before + y.bytes(), live(ops));
                backend.free(w);
            }
            assertEquals(0, backend.statistics().liveBytes());
            assertTrue(backend.statistics().peakBytes() > 0);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void liftReleaseAndScope(TestEngine engine) {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            Tensor kept;
            try (Ops child = ops.child()) {
                child.empty(DType.F32, 100);
                kept = child.lift(child.empty(DType.F32, 7));
                Tensor other = child.empty(DType.F32, 50);
                child.release(other);
                assertEquals(4 * 107, live(ops));
                assertEquals(kept, child.lift(kept), "not the child's any more: unchanged");
            }
            assertEquals(28, live(ops));
            try (Ops child = ops.child()) {
                child.release(kept);
                assertEquals(28, live(ops), "a child frees nothing of its parent's");
            }
            Tensor scoped = ops.scoped(o -> o.scale(o.upload(new float[] {1, 2}, 2), 3));
            assertArrayEquals(new float[] {3, 6}, ops.download(scoped));
            assertEquals(28 + 8, live(ops));
            ops.release(scoped);
            assertEquals(28, live(ops));
        }
    }

    /** A view lifts and releases the buffer that it looks at. */
    @ParameterizedTest
    @MethodSource("engines")
    void viewsStandForTheirBuffer(TestEngine engine) {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            Tensor view;
            try (Ops child = ops.child()) {
                view = child.lift(child.upload(new float[] {1, 2, 3, 4}, 2, 2).rows(1, 2).reshape(2));
            }
            assertArrayEquals(new float[] {3, 4}, ops.download(view));
            assertEquals(16, live(ops));
            ops.release(view);
            assertEquals(0, live(ops));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void arenasFreeWhenTheBodyFails(TestEngine engine) {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            assertThrows(IllegalArgumentException.class, () ->
                ops.scoped(o -> o.add(o.empty(DType.F32, 3), o.empty(DType.F32, 4))));
            assertEquals(0, live(ops));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void wrongUseOfArenas(TestEngine engine) {
        try (Backend backend = engine.open()) {
            Ops ops = Ops.on(backend);
            Tensor t = ops.empty(DType.F32, 1);
            assertThrows(IllegalStateException.class, () -> ops.lift(t));
            ops.close();
            ops.close();
            assertEquals(0, live(ops));
            assertThrows(IllegalStateException.class, () -> ops.empty(DType.F32, 1));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void outOfMemoryLeavesTheEngineUsable(TestEngine engine) {
        long limit = 4L << 20;
        try (Backend backend = Engines.open(engine.engine(),
            new Engines.Options(engine.type(), 1, limit, "")).backend();
             Ops ops = Ops.on(backend)) {
            BackendException.OutOfMemory e = assertThrows(BackendException.OutOfMemory.class, () ->
                ops.empty(DType.F32, 2 << 20));
            assertTrue(e.getMessage().contains(String.valueOf(8 << 20)), e.getMessage());
            assertEquals(0, live(ops));
            Tensor small = ops.upload(Values.NORMAL.array("x", 1000), 1000);
            assertArrayEquals(Values.NORMAL.array("x", 1000), ops.download(small));
            assertThrows(BackendException.OutOfMemory.class, () -> {
                while (true) {
                    ops.empty(DType.F32, 100_000);
                }
            });
            assertTrue(live(ops) <= limit, "live " + live(ops));
            assertArrayEquals(Values.NORMAL.array("x", 1000), ops.download(small), "what was there before");
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void packingRunsOutOfMemoryToo(TestEngine engine) {
        try (Backend backend = Engines.open(engine.engine(),
            new Engines.Options(engine.type(), 1, 1 << 20, "")).backend()) {
            HostTensor w = HostTensor.of("w", Shape.of(1024, 1024), new float[1 << 20]);
            assertThrows(BackendException.OutOfMemory.class, () -> backend.packLinear(engine.type(), w, null, false));
            assertThrows(BackendException.OutOfMemory.class,
                () -> backend.packConv2d(engine.type(), w.reshape(Shape.of(1024, 1024, 1, 1)), null, 0));
            assertEquals(0, backend.statistics().liveBytes());
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void closedEnginesSaySo(TestEngine engine) {
        Backend backend = engine.open();
        Ops ops = Ops.on(backend);
        Tensor t = ops.upload(new float[] {1, 2}, 2);
        backend.close();
        backend.close();
        assertThrows(IllegalStateException.class, () -> backend.alloc(4, DType.F32));
        assertThrows(IllegalStateException.class, () -> backend.free(t.buffer()));
        assertThrows(IllegalStateException.class, () -> backend.upload(t, new float[2]));
        assertThrows(IllegalStateException.class, () -> backend.download(new float[2], t));
        assertThrows(IllegalStateException.class, () -> backend.activation(t, t, Activation.SILU));
        assertThrows(IllegalStateException.class, () -> weights(ops));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void transfersKeepEveryBit(TestEngine engine) {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            float[] f = {0f, -0f, 1.5f, Float.MIN_VALUE, Float.MAX_VALUE, Float.POSITIVE_INFINITY, 1e-40f};
            assertArrayEquals(f, ops.download(ops.upload(f, f.length)));
            int[] i = {0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 49407};
            int[] found = new int[i.length];
            backend.download(found, ops.uploadIds(i, i.length));
            assertArrayEquals(i, found);
            for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
                HostTensor host = HostTensor.of("x", Shape.of(111), Values.NORMAL.array("x", 111)).to(type);
                DType stored = engine.engine().equals("java") ? DType.F32 : type;
                Tensor t = ops.empty(stored, 111);
                backend.upload(t, host.to(stored));
                assertArrayEquals(host.toFloats(), ops.download(t), type.toString());
            }
        }
    }

    /** Ten megabytes, more than any staging buffer holds at once, into and out of the middle of a larger tensor. */
    @ParameterizedTest
    @MethodSource("engines")
    void largeTransfersIntoViews(TestEngine engine) {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            int row = 1_310_723;
            float[] all = Values.NORMAL.array("all", 4L * row);
            Tensor whole = ops.upload(all, 4, row);
            float[] middle = Values.NORMAL.array("middle", 2L * row);
            backend.upload(whole.rows(1, 3), middle);
            float[] found = new float[2 * row];
            backend.download(found, whole.rows(1, 3));
            assertArrayEquals(middle, found);
            System.arraycopy(middle, 0, all, row, middle.length);
            assertArrayEquals(all, ops.download(whole));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void transfersOfTheWrongSizeAreRefused(TestEngine engine) {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            Tensor t = ops.upload(new float[] {1, 2}, 2);
            Tensor ids = ops.uploadIds(new int[] {1, 2}, 2);
            assertThrows(IllegalArgumentException.class, () -> backend.upload(t, new float[3]));
            assertThrows(IllegalArgumentException.class, () -> backend.upload(t, new float[1]));
            assertThrows(IllegalArgumentException.class, () -> backend.upload(t, new int[2]));
            assertThrows(IllegalArgumentException.class, () -> backend.upload(ids, new float[2]));
            assertThrows(IllegalArgumentException.class, () -> backend.download(new float[3], t));
            assertThrows(IllegalArgumentException.class, () -> backend.download(new int[1], ids));
            assertThrows(IllegalArgumentException.class, () -> backend.download(new float[2], ids));
            assertThrows(IllegalArgumentException.class, () -> ops.upload(new float[5], 2, 3));
            assertThrows(IllegalArgumentException.class, () -> ops.uploadIds(new int[5], 2, 3));
            assertThrows(IllegalArgumentException.class, () ->
                backend.upload(t, HostTensor.of("x", Shape.of(3), new float[3])));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void buffersAreFreedOnce(TestEngine engine) {
        try (Backend backend = engine.open()) {
            Buffer buffer = backend.alloc(64, DType.F32);
            backend.free(buffer);
            assertThrows(BackendException.class, () -> backend.free(buffer));
            assertEquals(0, backend.statistics().liveBytes());
        }
    }
}
