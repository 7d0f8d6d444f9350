package org.daguerre.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.Size;
import org.daguerre.generate.Session;
import org.daguerre.image.Image;

/**
 * The requests that a benchmark sends to a session. No two have the same prompts, for a session remembers encoded ones.
 */
final class ModelRuns {
    private final Session session;
    private final BenchSettings settings;
    private final Size size;
    private int made;

    ModelRuns(Session session, BenchSettings settings) {
        this.session = session;
        this.settings = settings;
        this.size = settings.size().orElse(session.defaultSize());
    }

    Size size() {
        return size;
    }

    private Request.Builder request(int steps) {
        made++;
        return Request.builder("a photograph of an astronaut riding a horse, number " + made)
            .negative("blurry, number " + made)
            .sampler("ddim").steps(steps).guidanceScale(settings.guided() ? 7.5 : 1).batch(settings.batch())
            .size(size.width(), size.height()).seed(made);
    }

    /** Requests for different pictures. */
    List<Request> requests(int count, int steps) {
        return IntStream.range(0, count).mapToObj(i -> request(steps).build()).toList();
    }

    /** @param onStep hears after each step how many are done */
    Result textToImage(int steps, IntConsumer onStep) {
        return session.generate(request(steps).onProgress(p -> {
            onStep.accept(p.step());
            return true;
        }).build());
    }

    /** One step from a grey picture: for the encoder. */
    Result imageToImage() {
        Image grey = Image.zeros(3, size.height(), size.width());
        Arrays.fill(grey.planes(), 0.5f);
        return session.generate(request(2).image(grey).strength(0.5).onProgress(p -> true).build());
    }
}
