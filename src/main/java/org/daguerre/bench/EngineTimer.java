package org.daguerre.bench;

import java.util.OptionalDouble;
import org.daguerre.backend.NativeBackend;
import org.daguerre.tensor.Ops;

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
        try (Ops ops = Ops.on(engine); KernelCall call = KernelCall.of(ops, work)) {
            return OptionalDouble.of(time(repetitions, call));
        }
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
