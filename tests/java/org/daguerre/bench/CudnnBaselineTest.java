package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.List;
import java.util.Random;
import org.daguerre.backend.Engines;
import org.daguerre.backend.NativeBackend;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Our convolution, linear layer and attention against cuDNN and cuBLAS, where there is a GPU with these libraries. */
class CudnnBaselineTest {
    /** Both round once to f16 after sums in f32; attention's baseline also rounds its scores. */
    private static final double LIMIT = 2e-3;
    private static final double ATTENTION_LIMIT = 1e-2;

    private NativeBackend engine;
    private CudnnBaseline baseline;

    @AfterEach
    void close() {
        if (baseline != null) {
            baseline.close();
        }
        if (engine != null) {
            engine.close();
        }
    }

    /** Skips the test, with the reason, where there is no GPU or no cuDNN. */
    private void open() {
        try {
            engine = (NativeBackend) Engines.open("cuda", Engines.Options.DEFAULT).backend();
            baseline = CudnnBaseline.open(engine);
        } catch (BackendException e) {
            abort(e.getMessage());
        }
    }

    @Test
    void otherEnginesAreRefusedBeforeAnythingIsLoaded() {
        ReferenceBackend java = new ReferenceBackend();
        BackendException e = assertThrows(BackendException.class, () -> CudnnBaseline.open(java));
        assertTrue(e.getMessage().contains("expected the cuda engine, found java"), e.getMessage());
        java.close();
    }

    @Test
    @Tag("gpu")
    void convolutionAgrees() {
        open();
        Work.Convolution c = new Work.Convolution(2, 33, 17, 64, 0, 33, 17, 33, 17, 96, 3, 3, 1, 1, 1, false);
        try (Ops ops = Ops.on(engine)) {
            float[] w = values(2, 96 * 64 * 9);
            Tensor x = ops.cast(ops.upload(values(1, 2 * 33 * 17 * 64), 2, 33, 17, 64), DType.F16);
            PackedWeights packed = engine.packConv2d(DType.F16, HostTensor.of("w", Shape.of(96, 64, 3, 3), w), null, 0);
            Tensor ours = ops.conv2d(x, packed);
            Tensor filter = ops.cast(ops.upload(channelsLast(w, 96, 64, 9), 96, 3, 3, 64), DType.F16);
            Tensor theirs = ops.empty(DType.F16, 2, 33, 17, 96);
            run(baseline.library().convolution(c, at(theirs), at(x), at(filter)));
            assertClose(ops, ours, theirs, LIMIT);
            engine.free(packed);
        }
    }

    @Test
    @Tag("gpu")
    void linearAgrees() {
        open();
        try (Ops ops = Ops.on(engine)) {
            float[] w = values(4, 328 * 320);
            Tensor x = ops.cast(ops.upload(values(3, 257 * 320), 257, 320), DType.F16);
            PackedWeights packed = engine.packLinear(DType.F16, HostTensor.of("w", Shape.of(328, 320), w), null, false);
            Tensor ours = ops.linear(x, packed);
            Tensor matrix = ops.cast(ops.upload(w, 328, 320), DType.F16);
            Tensor theirs = ops.empty(DType.F16, 257, 328);
            run(baseline.library().product(at(theirs), at(x), at(matrix), 257, 320, 328));
            assertClose(ops, ours, theirs, LIMIT);
            engine.free(packed);
        }
    }

    @Test
    @Tag("gpu")
    void attentionAgrees() {
        open();
        Work.Attention a = new Work.Attention(2, 100, 77, 8, 40, false);
        try (Ops ops = Ops.on(engine)) {
            Tensor q = ops.cast(ops.upload(values(5, 2 * 100 * 320), 2, 100, 320), DType.F16);
            Tensor k = ops.cast(ops.upload(values(6, 2 * 77 * 320), 2, 77, 320), DType.F16);
            Tensor v = ops.cast(ops.upload(values(7, 2 * 77 * 320), 2, 77, 320), DType.F16);
            Tensor ours = ops.attention(q.columns(), k.columns(), v.columns(), 8, false);
            Tensor scores = ops.empty(DType.F16, 8, 100, 77);
            Tensor theirs = ops.empty(DType.F16, 2, 100, 320);
            run(baseline.library().attention(a, at(theirs), at(q), at(k), at(v), at(scores)));
            assertClose(ops, ours, theirs, ATTENTION_LIMIT);
        }
    }

    @Test
    @Tag("gpu")
    void timesAreReported() {
        open();
        Work work = new Work.Linear(8192, 320, 320, false, false);
        Comparison row = Comparison.all(new EngineTimer(engine), baseline, List.of(work), 20, r -> { }).get(0);
        assertTrue(row.ours() > 0 && row.theirs().orElseThrow() > 0 && row.ratio().orElseThrow() > 0, row.toString());
    }

    private void run(CudnnLibrary.Call call) {
        engine.synchronize();
        try (call) {
            call.run();
            baseline.library().synchronize();
        }
    }

    private static long at(Tensor t) {
        return CudnnBaseline.address(t);
    }

    private static float[] values(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** [O, C, TAPS] to [O, TAPS, C]. */
    private static float[] channelsLast(float[] w, int o, int c, int taps) {
        float[] y = new float[w.length];
        for (int i = 0; i < o; i++) {
            for (int j = 0; j < c; j++) {
                for (int t = 0; t < taps; t++) {
                    y[(i * taps + t) * c + j] = w[(i * c + j) * taps + t];
                }
            }
        }
        return y;
    }

    /** Root of the mean squared difference over that of the baseline. */
    private static void assertClose(Ops ops, Tensor ours, Tensor theirs, double limit) {
        float[] a = ops.download(ours);
        float[] b = ops.download(theirs);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < a.length; i++) {
            difference += Math.pow(a[i] - (double) b[i], 2);
            size += Math.pow(b[i], 2);
        }
        double error = Math.sqrt(difference / size);
        assertTrue(error <= limit, "expected a relative difference of at most " + limit + ", found " + error);
    }
}
