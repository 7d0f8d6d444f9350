package org.daguerre.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.daguerre.Result;
import org.daguerre.Size;
import org.daguerre.backend.Engines;
import org.daguerre.generate.Session;
import org.daguerre.tensor.Backend;

/** Measures whole pictures, phase by phase, on one engine. */
public final class Benchmark {
    private final BenchSettings settings;
    private final Supplier<Engines.Choice> engine;
    private final Consumer<String> note;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final Map<String, Stats> times = new LinkedHashMap<>();
    private final Map<String, Double> numbers = new LinkedHashMap<>();

    private Benchmark(BenchSettings settings, Supplier<Engines.Choice> engine, Consumer<String> note) {
        this.settings = settings;
        this.engine = engine;
        this.note = note;
    }

    /**
     * @param engine opens the engine; asked again for the profile
     * @param note   told what goes on
     */
    public static BenchReport run(BenchSettings settings, Supplier<Engines.Choice> engine, Consumer<String> note) {
        Benchmark b = new Benchmark(settings, engine, note);
        Profile profile = Profile.NONE;
        if (settings.sampled()) {
            b.pictures();
            if (settings.profile()) {
                note.accept("profiling every operation");
                profile = Profile.ofModel(settings, engine.get());
            }
        } else {
            b.autoencoder();
            if (settings.profile()) {
                profile = Profile.ofAutoencoder(settings, engine.get());
            }
        }
        return new BenchReport(b.facts, b.times, b.numbers, profile.step(), profile.decode());
    }

    private void pictures() {
        long start = System.nanoTime();
        Engines.Choice choice = engine.get();
        note.accept(choice.reason());
        try (Session session = Session.open(settings.source(), settings.session(), choice)) {
            times.put("load_ms", Stats.of((System.nanoTime() - start) / 1e6));
            ModelRuns runs = new ModelRuns(session, settings);
            facts(choice.backend(), runs.size());
            measure(runs);
            encode(runs);
            if (settings.requests() > 1) {
                note.accept("comparing " + settings.requests() + " requests one after the other and at once");
                facts.put("requests", String.valueOf(settings.requests()));
                new Throughput(session, runs, settings).measure(numbers);
            }
            numbers.put("peak_rss_bytes", (double) Machine.peakResidentBytes());
            rates(choice.backend(), runs.size());
        }
    }

    private void facts(Backend backend, Size size) {
        facts.put("machine", Machine.description());
        facts.put("device", backend.name() + ": " + backend.description());
        facts.put("precision", backend.preferredType().name().toLowerCase(Locale.ROOT));
        int threads = settings.session().threads();
        facts.put("threads", String.valueOf(threads > 0 ? threads : Runtime.getRuntime().availableProcessors()));
        facts.put("commit", Machine.commit());
        facts.put("arch", settings.title());
        facts.put("size", size.toString());
        facts.put("steps", String.valueOf(settings.steps()));
        facts.put("batch", String.valueOf(settings.batch()));
        facts.put("cfg", settings.guided() ? "on" : "off");
    }

    private void measure(ModelRuns runs) {
        List<Double> text = new ArrayList<>();
        List<Double> steps = new ArrayList<>();
        List<Double> decode = new ArrayList<>();
        List<Double> total = new ArrayList<>();
        for (int i = 0; i < settings.warmup() + settings.repeat(); i++) {
            boolean counts = i >= settings.warmup();
            Result.Timings t = runs.textToImage(settings.steps(), step -> { }).timings();
            if (i == 0) {
                numbers.put("first_image_ms", Machine.sinceStart());
            }
            note.accept(String.format(Locale.ROOT, "picture %d of %d%s: %.0f ms", i + 1, settings.warmup()
                + settings.repeat(),
                counts ? "" : " (warm-up)", t.total()));
            if (counts) {
                text.add(t.text());
                steps.addAll(t.steps());
                decode.add(t.decode());
                total.add(t.total());
            }
        }
        times.put("text_ms", Stats.of(text));
        times.put("step_ms", Stats.of(steps));
        times.put("vae_decode_ms", Stats.of(decode));
        times.put("total_ms", Stats.of(total));
        numbers.put("steps_per_second", 1000 / times.get("step_ms").median());
    }

    private void encode(ModelRuns runs) {
        List<Double> encode = new ArrayList<>();
        for (int i = 0; i < Math.min(1, settings.warmup()) + settings.repeat(); i++) {
            double ms = runs.imageToImage().timings().encode();
            if (i >= Math.min(1, settings.warmup())) {
                encode.add(ms);
            }
        }
        times.put("vae_encode_ms", Stats.of(encode));
    }

    private void rates(Backend backend, Size size) {
        FlopCounts flops = FlopCounts.of(settings, size);
        double peak = PeakRate.teraflops(backend);
        double step = flops.step() / 1e12;
        numbers.put("tflops_per_step", step);
        numbers.put("tflops_decode", flops.decode() / 1e12);
        numbers.put("peak_tflops", peak);
        numbers.put("peak_share", step * numbers.get("steps_per_second") / peak);
        numbers.put("decode_peak_share", flops.decode() / 1e9 / times.get("vae_decode_ms").median() / peak);
    }

    private void autoencoder() {
        long start = System.nanoTime();
        Engines.Choice choice = engine.get();
        note.accept(choice.reason());
        try (AutoencoderRuns runs = AutoencoderRuns.open(settings, choice.backend())) {
            times.put("load_ms", Stats.of((System.nanoTime() - start) / 1e6));
            facts(choice.backend(), runs.size());
            List<Double> decode = new ArrayList<>();
            List<Double> encode = new ArrayList<>();
            for (int i = 0; i < settings.warmup() + settings.repeat(); i++) {
                double d = runs.decode();
                if (i == 0) {
                    numbers.put("first_image_ms", Machine.sinceStart());
                }
                double e = runs.encode();
                if (i >= settings.warmup()) {
                    decode.add(d);
                    encode.add(e);
                }
            }
            times.put("vae_decode_ms", Stats.of(decode));
            times.put("vae_encode_ms", Stats.of(encode));
            numbers.put("peak_rss_bytes", (double) Machine.peakResidentBytes());
            double peak = PeakRate.teraflops(choice.backend());
            double flops = AutoencoderRuns.decodeFlops(settings);
            numbers.put("tflops_decode", flops / 1e12);
            numbers.put("peak_tflops", peak);
            numbers.put("decode_peak_share", flops / 1e9 / times.get("vae_decode_ms").median() / peak);
        } finally {
            choice.backend().close();
        }
    }
}
