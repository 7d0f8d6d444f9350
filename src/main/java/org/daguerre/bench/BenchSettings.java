package org.daguerre.bench;

import java.util.Optional;
import org.daguerre.SessionOptions;
import org.daguerre.Size;
import org.daguerre.generate.BuiltinModel;
import org.daguerre.weights.ModelSource;

/**
 * What to measure.
 *
 * @param architecture with random weights; empty: the model of {@code session}
 * @param session      model and engine
 * @param size         of the pictures; empty: the model's
 * @param warmup       pictures before those that count
 * @param repeat       pictures that count
 * @param guided       whether the U-Net runs for prompt and negative prompt
 * @param profile      whether to time every operation
 * @param requests     requests to send at once, in order to compare their throughput with one after the other; 1: none
 */
public record BenchSettings(Optional<Architecture> architecture, SessionOptions session, Optional<Size> size, int steps, int warmup,
                            int repeat, int batch, boolean guided, boolean profile, int requests) {
    private static final int MOST_REQUESTS = 64;

    public BenchSettings {
        check("requests", requests, 1, MOST_REQUESTS);
        check("steps", steps, 1, 1000);
        check("warmup", warmup, 0, 1000);
        check("repeat", repeat, 1, 1000);
        check("batch", batch, 1, 256);
    }

    /** Of single requests. */
    public BenchSettings(Optional<Architecture> architecture, SessionOptions session, Optional<Size> size, int steps, int warmup, int repeat,
                         int batch, boolean guided, boolean profile) {
        this(architecture, session, size, steps, warmup, repeat, batch, guided, profile, 1);
    }

    private static void check(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(field + ": expected " + least + ".." + most + ", found " + value);
        }
    }

    /** A fresh view of the model; sessions close theirs. */
    ModelSource source() {
        if (architecture.isPresent()) {
            return new RandomModel(architecture.get());
        }
        return session.config().isPresent() ? ModelSource.open(session.model().orElseThrow(), session.config().get())
            : ModelSource.open(session.model().orElseGet(BuiltinModel::folder));
    }

    /** For people and for comparisons. */
    String title() {
        return architecture.map(a -> a.title() + ", random weights")
            .orElseGet(() -> session.model().map(p -> String.valueOf(p.getFileName())).orElse("built-in"));
    }

    /** Whether there is a U-Net to measure. */
    boolean sampled() {
        return architecture.map(Architecture::sampled).orElse(true);
    }
}
