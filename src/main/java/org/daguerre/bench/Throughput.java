package org.daguerre.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.daguerre.Request;
import org.daguerre.generate.Session;

/** Pictures a second of several requests: one after the other, and all at once, where they share the passes of the U-Net. */
final class Throughput {
    private final Session session;
    private final ModelRuns runs;
    private final BenchSettings settings;

    Throughput(Session session, ModelRuns runs, BenchSettings settings) {
        this.session = session;
        this.runs = runs;
        this.settings = settings;
    }

    /** Alternates the two ways; medians. */
    void measure(Map<String, Double> numbers) {
        List<Double> apart = new ArrayList<>();
        List<Double> together = new ArrayList<>();
        for (int i = 0; i < settings.warmup() + settings.repeat(); i++) {
            double a = seconds(1);
            double t = seconds(settings.requests());
            if (i >= settings.warmup()) {
                apart.add(a);
                together.add(t);
            }
        }
        int pictures = settings.requests() * settings.batch();
        numbers.put("pictures_per_second_apart", pictures / Stats.of(apart).median());
        numbers.put("pictures_per_second_together", pictures / Stats.of(together).median());
    }

    private double seconds(int threads) {
        List<Request> requests = runs.requests(settings.requests(), settings.steps());
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            long start = System.nanoTime();
            List<Future<?>> all = new ArrayList<>();
            requests.forEach(r -> all.add(pool.submit(() -> session.generate(r))));
            for (Future<?> f : all) {
                f.get();
            }
            return (System.nanoTime() - start) / 1e9;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("bench: interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }
}
