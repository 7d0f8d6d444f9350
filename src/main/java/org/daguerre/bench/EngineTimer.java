package org.daguerre.bench;

import java.util.OptionalDouble;
import org.daguerre.backend.NativeBackend;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** Times the operations of one of our engines, with the engine's own clock: events on its stream. */
public final class EngineTimer implements Baseline {
    private final NativeBackend engine;

    /** @param engine stays the caller's to close */
    public EngineTimer(NativeBackend engine) {
        this.engine = engine;
    }

    @Override
    public String description() {
        return engine.description();
    }

    @Override
    public OptionalDouble milliseconds(Work work, int repetitions) {
        try (Ops ops = Ops.on(engine)) {
            if (work instanceof Work.Convolution c) {
                return OptionalDouble.of(convolution(ops, c, repetitions));
            }
            if (work instanceof Work.Linear l) {
                return OptionalDouble.of(linear(ops, l, repetitions));
            }
            return OptionalDouble.of(attention(ops, (Work.Attention) work, repetitions));
        }
    }

    private double convolution(Ops ops, Work.Convolution c, int repetitions) {
        Tensor x = RandomTensors.device(ops, c.n(), c.h(), c.w(), c.c());
        Tensor x2 = c.c2() > 0 ? RandomTensors.device(ops, c.n(), c.h(), c.w(), c.c2()) : null;
        Tensor y = ops.empty(ops.type(), c.n(), c.oh(), c.ow(), c.o());
        Tensor residual = c.residual() ? RandomTensors.device(ops, c.n(), c.oh(), c.ow(), c.o()) : null;
        double deviation = 1 / Math.sqrt((double) c.kh() * c.kw() * (c.c() + c.c2()));
        PackedWeights w = engine.packConv2d(ops.type(), RandomTensors.host(deviation, c.o(), c.c() + c.c2(), c.kh(),
            c.kw()), null, c.c2());
        try {
            return time(repetitions, () -> engine.conv2d(y, x, x2, w, null, residual, c.uh(), c.uw(), c.stride(),
                c.padTop(), c.padLeft(), 0));
        } finally {
            engine.free(w);
        }
    }

    private double linear(Ops ops, Work.Linear l, int repetitions) {
        int rows = Math.toIntExact(l.rows());
        int columns = l.geglu() ? l.o() / 2 : l.o();
        Tensor x = RandomTensors.device(ops, rows, l.k());
        Tensor y = ops.empty(ops.type(), rows, columns);
        Tensor residual = l.residual() ? RandomTensors.device(ops, rows, columns) : null;
        PackedWeights w = engine.packLinear(ops.type(), RandomTensors.host(1 / Math.sqrt(l.k()), l.o(), l.k()), null,
            l.geglu());
        try {
            return time(repetitions, () -> engine.linear(y, x, w, residual, 0));
        } finally {
            engine.free(w);
        }
    }

    private double attention(Ops ops, Work.Attention a, int repetitions) {
        int width = a.heads() * a.d();
        Columns q = RandomTensors.device(ops, a.n(), a.lq(), width).columns();
        Columns k = RandomTensors.device(ops, a.n(), a.lk(), width).columns();
        Columns v = RandomTensors.device(ops, a.n(), a.lk(), width).columns();
        Tensor y = ops.empty(ops.type(), a.n(), a.lq(), width);
        float scale = (float) (1 / Math.sqrt(a.d()));
        return time(repetitions, () -> engine.attention(y, q, k, v, a.heads(), scale, a.causal()));
    }

    private double time(int repetitions, Runnable call) {
        repeat(repetitions, call);
        engine.synchronize();
        engine.recordEvent(0);
        repeat(repetitions, call);
        engine.recordEvent(1);
        return engine.elapsed(0, 1) / repetitions;
    }

    private static void repeat(int times, Runnable call) {
        for (int i = 0; i < times; i++) {
            call.run();
        }
    }

    @Override
    public void close() {
        // the engine is the caller's
    }
}
