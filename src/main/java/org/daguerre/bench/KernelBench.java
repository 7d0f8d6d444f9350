package org.daguerre.bench;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.backend.NativeBackend;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;

/**
 * Times single operations: checked first, caches emptied before each call, by the engine's own clock where it has one.
 */
public final class KernelBench {
    private final Backend engine;
    private final int repetitions;

    /** @param engine stays the caller's to close */
    public KernelBench(Backend engine, int repetitions) {
        if (repetitions < 1) {
            throw new IllegalArgumentException("repetitions: expected at least 1, found " + repetitions);
        }
        this.engine = engine;
        this.repetitions = repetitions;
    }

    /** @throws IllegalStateException if the result is wrong */
    public Stats time(Work work) {
        try (Ops ops = Ops.on(engine); KernelCall call = KernelCall.of(ops, work)) {
            call.run();
            SpotCheck.check(ops, work, call);
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < repetitions; i++) {
                times.add(engine instanceof NativeBackend n ? byEvents(n, call) : byClock(call));
            }
            return Stats.of(times);
        }
    }

    private static double byEvents(NativeBackend engine, Runnable call) {
        engine.flushCache();
        engine.recordEvent(0);
        call.run();
        engine.recordEvent(1);
        return engine.elapsed(0, 1);
    }

    private double byClock(Runnable call) {
        engine.synchronize();
        long start = System.nanoTime();
        call.run();
        engine.synchronize();
        return (System.nanoTime() - start) / 1e6;
    }

    /** As a share of it the arithmetic of operations is given. */
    public double peakTeraflops() {
        return PeakRate.teraflops(engine);
    }
}
