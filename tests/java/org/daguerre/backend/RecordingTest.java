package org.daguerre.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Accuracy;
import org.daguerre.testing.Side;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A recorded network gives the bits of the same network run at once, in one launch, without allocating or waiting. */
class RecordingTest {
    private interface Body {
        void run(TestEngine engine, Backend backend, Side side);
    }

    /** One test for each engine and type that records; none where no such engine was built. */
    private static Stream<DynamicTest> onRecorders(Body body) {
        return TestEngine.natives().stream().filter(RecordingTest::records).map(engine ->
            DynamicTest.dynamicTest(engine.toString(), () -> {
            try (Backend backend = engine.open(); Side side = new Side(backend, engine.type(), Values.NORMAL)) {
                body.run(engine, backend, side);
            }
        }));
    }

    private static boolean records(TestEngine engine) {
        try (Backend backend = engine.open()) {
            return backend.canRecord();
        }
    }

    /** Norm, convolution, attention and a linear layer, with everything that a step of a sampler does between. */
    private static final class Network {
        private final PackedWeights conv;
        private final PackedWeights qkv;
        private final PackedWeights out;
        private final Tensor weight;
        private final Tensor bias;

        Network(Side side) {
            conv = side.conv2d(32, 32, 0, 3, true);
            qkv = side.linear("qkv", 96, 32, true, false);
            out = side.linear("out", 32, 32, true, false);
            weight = side.f32("weight", Values.NORMAL, 32);
            bias = side.f32("bias", Values.NORMAL, 32);
        }

        /** y = a sampler's step from latents x. */
        void step(Ops parent, Tensor y, Tensor x, Tensor t) {
            try (Ops ops = parent.child()) {
                Tensor h = ops.cast(x, ops.type());
                Tensor n = ops.groupNorm(h, null, weight, bias, 8, 1e-5f, Activation.SILU);
                h = ops.conv2d(n, null, conv, ops.timestepEmbedding(t, 32).columns(), h, Activation.NONE);
                Tensor s = h.reshape(h.dim(0), h.dim(1) * h.dim(2), 32);
                Tensor projected = ops.linear(ops.layerNorm(s, weight, bias, 1e-5f), qkv);
                Tensor a = ops.attention(projected.columns(0, 32), projected.columns(32, 32), projected.columns(64, 32),
                    2, false);
                Tensor eps = ops.linear(a, out, s, 0).reshape(x.dim(0), x.dim(1), x.dim(2), 32);
                ops.combineInto(y, new double[] {0.9, -0.1}, x, eps);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> replayEqualsEager() {
        return onRecorders(RecordingTest::replayEqualsEager);
    }

    private static void replayEqualsEager(TestEngine engine, Backend backend, Side side) {
        Network network = new Network(side);
        Ops ops = side.ops();
        Tensor x = ops.empty(DType.F32, 2, 6, 5, 32);
        Tensor y = ops.empty(DType.F32, 2, 6, 5, 32);
        Tensor t = ops.empty(DType.F32, 1);
        try (Backend.Recording recording = backend.record(() -> network.step(ops, y, x, t))) {
            for (int step = 0; step < 3; step++) {
                float[] input = Values.NORMAL.array("x" + step, x.count());
                backend.upload(x, input);
                backend.upload(t, new float[] {999 - 300 * step});
                backend.synchronize();
                Backend.Statistics before = backend.statistics();
                recording.replay();
                Backend.Statistics after = backend.statistics();
                assertEquals(before.graphLaunches() + 1, after.graphLaunches());
                assertEquals(before.launches(), after.launches());
                assertEquals(before.systemAllocations(), after.systemAllocations());
                assertEquals(before.synchronizations(), after.synchronizations());
                assertEquals(before.copies(), after.copies());
                assertEquals(before.liveBytes(), after.liveBytes());
                float[] replayed = ops.download(y);
                network.step(ops, y, x, t);
                Accuracy.same(engine + " step " + step, y.shape(), ops.download(y), replayed);
            }
        }
    }

    /** A second recording may not disturb the first one's memory, nor may eager work in between. */
    @TestFactory
    Stream<DynamicTest> recordingsKeepTheirMemory() {
        return onRecorders(RecordingTest::recordingsKeepTheirMemory);
    }

    private static void recordingsKeepTheirMemory(TestEngine engine, Backend backend, Side side) {
        Network network = new Network(side);
        Ops ops = side.ops();
        Tensor x = side.f32("x", Values.NORMAL, 1, 6, 5, 32);
        Tensor t = ops.upload(new float[] {500}, 1);
        Tensor first = ops.empty(DType.F32, 1, 6, 5, 32);
        Tensor second = ops.empty(DType.F32, 1, 6, 5, 32);
        Tensor eager = ops.empty(DType.F32, 1, 6, 5, 32);
        network.step(ops, eager, x, t);
        float[] expected = ops.download(eager);
        Backend.Recording a = backend.record(() -> network.step(ops, first, x, t));
        Backend.Recording b = backend.record(() -> network.step(ops, second, x, t));
        network.step(ops, eager, x, t);
        b.replay();
        a.replay();
        Accuracy.same("first", x.shape(), expected, ops.download(first));
        Accuracy.same("second", x.shape(), expected, ops.download(second));
        a.close();
        a.close();
        assertThrows(BackendException.class, a::replay);
        network.step(ops, eager, x, t);
        b.replay();
        Accuracy.same("second without the first", x.shape(), expected, ops.download(second));
        b.close();
        long live = backend.statistics().liveBytes();
        network.step(ops, eager, x, t);
        assertEquals(live, backend.statistics().liveBytes());
    }

    /** Waiting, copying and nested recordings are refused; the engine then goes on as if the recording had not been. */
    @TestFactory
    Stream<DynamicTest> whatARecordingMayNotDo() {
        return onRecorders(RecordingTest::whatARecordingMayNotDo);
    }

    private static void whatARecordingMayNotDo(TestEngine engine, Backend backend, Side side) {
        Ops ops = side.ops();
        Tensor x = side.f32("x", Values.NORMAL, 33);
        List<Runnable> forbidden = List.of(() -> ops.download(x), () -> backend.upload(x, new float[33]),
            backend::synchronize,
            () -> backend.record(() -> { }), () -> side.conv2d(8, 8, 0, 3, false),
            () -> {
                throw new BackendException("recording: expected the body's own exception, found it");
            });
        for (Runnable body : forbidden) {
            String message = assertThrows(BackendException.class, () -> backend.record(body)).getMessage();
            assertTrue(message.contains("record"), message);
            Accuracy.same("afterwards", x.shape(), Values.NORMAL.array("x", 33), ops.download(x));
        }
        Tensor y = ops.empty(DType.F32, 33);
        try (Backend.Recording recording = backend.record(() -> ops.combineInto(y, new double[] {2}, x))) {
            recording.replay();
            Accuracy.same("a recording after those", y.shape(), ops.download(ops.scale(x, 2)), ops.download(y));
        }
    }

    @Test
    void theJavaEngineDoesNotRecord() {
        try (Backend backend = Engines.open("java", Engines.Options.DEFAULT).backend()) {
            assertFalse(backend.canRecord());
            assertThrows(BackendException.class, () -> backend.record(() -> { }));
        }
    }
}
