package org.daguerre.bench;

import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;

/**
 * The most arithmetic that an engine does on this machine now: a large square matrix product. Shares of peak refer to
 * it.
 */
final class PeakRate {
    private static final int SMALLEST = 256;
    private static final int LARGEST = 8192;
    private static final double ENOUGH_MS = 20;
    private static final int CALLS = 10;

    private PeakRate() {
    }

    /** In 10^12 operations a second; the best of ten calls of a product that takes some time. */
    static double teraflops(Backend engine) {
        for (int n = SMALLEST;; n *= 2) {
            Work.Linear work = new Work.Linear(n, n, n, false, false);
            try (Ops ops = Ops.on(engine); KernelCall call = KernelCall.of(ops, work)) {
                double best = milliseconds(engine, call);
                for (int i = 0; i < CALLS; i++) {
                    best = Math.min(best, milliseconds(engine, call));
                }
                if (best >= ENOUGH_MS || n >= LARGEST) {
                    return work.flops() / best / 1e9;
                }
            }
        }
    }

    private static double milliseconds(Backend engine, Runnable call) {
        engine.synchronize();
        long start = System.nanoTime();
        call.run();
        engine.synchronize();
        return (System.nanoTime() - start) / 1e6;
    }
}
