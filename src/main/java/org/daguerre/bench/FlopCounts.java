package org.daguerre.bench;

import java.util.Map;
import java.util.Optional;
import org.daguerre.Size;
import org.daguerre.backend.Engines;
import org.daguerre.generate.Session;

/**
 * Arithmetic of a model, counted by running its own code on an engine that only counts.
 *
 * @param step   one step of the sampler
 * @param decode latents to pictures
 */
record FlopCounts(double step, double decode) {

    /** At {@code size}; nothing is computed. */
    static FlopCounts of(BenchSettings settings, Size size) {
        WorkRecorder recorder = WorkRecorder.alone();
        BenchSettings sized = new BenchSettings(settings.architecture(), settings.session(), Optional.of(size), 2, 0, 1,
            settings.batch(), settings.guided(), false);
        double[] after = new double[2];
        try (Session session = Session.open(sized.source(), sized.session(),
            new Engines.Choice(recorder.backend(), ""))) {
            new ModelRuns(session, sized).textToImage(2, step -> after[step - 1] = total(recorder.counts()));
            return new FlopCounts(after[1] - after[0], total(recorder.counts()) - after[1]);
        }
    }

    static double total(Map<Work, Integer> counts) {
        return counts.entrySet().stream().mapToDouble(e -> e.getKey().flops() * e.getValue()).sum();
    }
}
