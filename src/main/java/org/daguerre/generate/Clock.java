package org.daguerre.generate;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.Result;
import org.daguerre.tensor.Backend;

/** Measures the phases of one run in milliseconds. */
final class Clock {
    private final long start = System.nanoTime();
    private final List<Double> steps = new ArrayList<>();
    private long last = start;
    private double text;
    private double encode;
    private double decode;

    private double lap() {
        long now = System.nanoTime();
        double ms = (now - last) / 1e6;
        last = now;
        return ms;
    }

    void text() {
        text += lap();
    }

    void encode() {
        encode += lap();
    }

    void beginSteps() {
        lap();
    }

    /** @param wait whether to wait for the engine, so that the time is the step's own and a cancellation takes effect within one step */
    void step(Backend backend, boolean wait) {
        if (wait) {
            backend.synchronize();
        }
        steps.add(lap());
    }

    void decode() {
        decode += lap();
    }

    /** Time for {@code left} more steps, from the mean of those after the first (which prepares what later ones reuse). */
    double secondsLeft(int left) {
        int skip = steps.size() > 1 ? 1 : 0;
        return left * steps.stream().skip(skip).mapToDouble(d -> d).average().orElse(0) / 1000;
    }

    Result.Timings timings() {
        return new Result.Timings(text, encode, steps, decode, (System.nanoTime() - start) / 1e6);
    }
}
