package org.daguerre.bench;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.backend.Engines;
import org.daguerre.generate.Session;

/**
 * Where the time goes, operation by operation, each timed by itself: the sum is more than a step takes when operations
 * overlap.
 */
record Profile(List<OperationTimes.Row> step, List<OperationTimes.Row> decode) {
    static final Profile NONE = new Profile(List.of(), List.of());
    private static final int STEPS = 3;

    /** The second step of a picture, and its decoding; the first picture warms up. */
    static Profile ofModel(BenchSettings settings, Engines.Choice choice) {
        Profiler profiler = Profiler.of(choice.backend());
        Engines.Choice watched = new Engines.Choice(profiler.backend(), choice.reason());
        try (Session session = Session.open(settings.source(), settings.session(), watched)) {
            ModelRuns runs = new ModelRuns(session, settings);
            List<OperationTimes.Row> step = new ArrayList<>();
            runs.textToImage(1, done -> { });
            runs.textToImage(STEPS, done -> {
                if (done == 2) {
                    step.addAll(profiler.times().slowestFirst());
                }
                profiler.times().clear();
            });
            return new Profile(step, profiler.times().slowestFirst());
        }
    }

    static Profile ofAutoencoder(BenchSettings settings, Engines.Choice choice) {
        Profiler profiler = Profiler.of(choice.backend());
        try (AutoencoderRuns runs = AutoencoderRuns.open(settings, profiler.backend())) {
            runs.decode();
            profiler.times().clear();
            runs.decode();
            return new Profile(List.of(), profiler.times().slowestFirst());
        } finally {
            choice.backend().close();
        }
    }
}
