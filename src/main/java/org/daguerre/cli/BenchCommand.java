package org.daguerre.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.daguerre.SessionOptions;
import org.daguerre.Size;
import org.daguerre.backend.Engines;
import org.daguerre.backend.NativeBackend;
import org.daguerre.bench.Architecture;
import org.daguerre.bench.Baseline;
import org.daguerre.bench.BenchReport;
import org.daguerre.bench.BenchSettings;
import org.daguerre.bench.Benchmark;
import org.daguerre.bench.Charts;
import org.daguerre.bench.Comparison;
import org.daguerre.bench.EngineTimer;
import org.daguerre.bench.Ratios;
import org.daguerre.bench.Work;
import org.daguerre.bench.WorkList;
import org.daguerre.tensor.Backend;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code daguerre bench}. */
@CommandLine.Command(name = "bench", sortOptions = false, abbreviateSynopsis = true,
    description = "Steps per second, and where the time goes. bench kernels times single operations.")
final class BenchCommand extends Command {
    /** Calls of each operation that is compared with a baseline. */
    private static final int CALLS = 20;

    @Option(names = "--arch", paramLabel = "NAME",
        description = "A published architecture: sd15, sd15-vae, sd21, sdxl or sdxl-refiner; with --random.")
    Optional<String> arch;

    @Option(names = "--random",
        description = "Random weights instead of a model file; what --arch means without --model.")
    boolean random;

    @Option(names = {"-s", "--size"}, paramLabel = "WxH", description = "Size of the pictures; default: the model's.")
    Optional<Size> size;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "20", description = "Steps of a picture; default: 20.")
    int steps;

    @Option(names = "--warmup", paramLabel = "N", defaultValue = "1",
        description = "Pictures that do not count; default: 1.")
    int warmup;

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "3", description = "Pictures that count; default: 3.")
    int repeat;

    @Option(names = {"-b", "--batch"}, paramLabel = "N", defaultValue = "1",
        description = "Pictures at once; default: 1.")
    int batch;

    @Option(names = "--requests", paramLabel = "N", defaultValue = "1",
        description = "Also send N requests at once, which then share passes, and compare with one after the other.")
    int requests;

    @Option(names = "--cfg", paramLabel = "on|off", defaultValue = "on",
        description = "Classifier-free guidance; default: on.")
    String cfg;

    @Option(names = "--profile", description = "Time every operation by itself, too.")
    boolean profile;

    @Option(names = "--json", paramLabel = "FILE", description = "Write everything as JSON; - is standard output.")
    Optional<String> json;

    @Option(names = "--compare", paramLabel = "FILE", description = "Compare with an older --json file.")
    Optional<Path> compare;

    @Option(names = "--chart", paramLabel = "FILE",
        description = "Draw the phases, or with --profile the operations, as SVG or PNG.")
    Optional<Path> chart;

    @Mixin
    final BaselineOption baseline;

    @Mixin
    ModelOptions model = new ModelOptions();

    BenchCommand(Console console) {
        this(console, BaselineOption.ofLibraries());
    }

    BenchCommand(Console console, BaselineOption baseline) {
        super(console);
        this.baseline = baseline;
    }

    @Override
    void execute() throws IOException {
        BenchSettings settings = settings();
        baseline.check();
        if (json.isPresent() && !json.get().equals("-")) {
            Outputs.checkWritable("--json", Path.of(json.get()));
        }
        if (chart.isPresent()) {
            String name = chart.get().toString().toLowerCase(Locale.ROOT);
            if (!name.endsWith(".svg") && !name.endsWith(".png")) {
                throw new IllegalArgumentException("--chart: expected a name that ends with .svg or .png, found "
                    + chart.get());
            }
            Outputs.checkWritable("--chart", chart.get());
        }
        Optional<JsonNode> older = Optional.empty();
        if (compare.isPresent()) {
            older = Optional.of(JsonResults.parse(Files.readString(compare.get())));
        }
        if (baseline.asked()) {
            tryBaseline();
        }
        BenchReport report = Benchmark.run(settings, this::open, this::note);
        ObjectNode now = report.toJson();
        boolean text = json.isEmpty() || !json.get().equals("-");
        if (text) {
            BenchText.of(report).forEach(this::print);
        }
        if (baseline.asked()) {
            compare(settings, now, text);
        }
        show(now, older);
    }

    /** A baseline that is missing is told before the pictures are made, not after. */
    private void tryBaseline() {
        try (Backend engine = open().backend(); Baseline theirs = baseline.open(engine)) {
            note("baseline: " + theirs.description());
        }
    }

    private void compare(BenchSettings settings, ObjectNode now, boolean text) {
        try (Backend engine = open().backend(); Baseline theirs = baseline.open(engine)) {
            if (text) {
                print("");
                print("Each operation beside " + theirs.description() + ", mean of " + CALLS + " calls in a row");
                print(BaselineOption.header());
            }
            ArrayNode rows = now.put("baseline", theirs.description()).putArray("baseline_ops");
            List<Work> works = WorkList.of(settings, Optional.empty()).stream().filter(w -> !(w instanceof Work.Norm))
                .toList();
            List<Comparison> all = Comparison.all(new EngineTimer((NativeBackend) engine), theirs, works, CALLS, c -> {
                BaselineOption.put(rows.addObject().put("op", c.work().operation()).put("shape", c.work().label())
                    .put("ms", c.ours()), c);
                if (text) {
                    print(BaselineOption.row(c));
                }
                if (console().cancelled().getAsBoolean()) {
                    throw new CancellationException();
                }
            });
            if (text) {
                print(BaselineOption.total(all));
            }
        }
    }

    private Engines.Choice open() {
        return model.engine.open();
    }

    private BenchSettings settings() {
        boolean guided = cfg.equalsIgnoreCase("on");
        if (!guided && !cfg.equalsIgnoreCase("off")) {
            throw new IllegalArgumentException("--cfg: expected on or off, found " + cfg);
        }
        if (arch.isPresent() == model.model.isPresent() && (random || arch.isPresent())) {
            throw new IllegalArgumentException("--arch, --model: expected one of them, found "
                + (arch.isPresent() ? "both" : "--random without --arch"));
        }
        Optional<Architecture> architecture = arch.map(Architecture::of);
        SessionOptions session = requests > 1 ? model.options().joining(Math.multiplyExact(requests, batch)) : model.options();
        return new BenchSettings(architecture, session, size, steps, warmup, repeat, batch, guided, profile, requests);
    }

    private void show(ObjectNode now, Optional<JsonNode> older) throws IOException {
        now.put("command", "daguerre " + String.join(" ", spec.root().commandLine().getParseResult().originalArgs()));
        if (json.isPresent() && json.get().equals("-")) {
            print(now.toPrettyString());
        } else {
            for (Ratios r : older.isPresent() ? Ratios.of(older.get(), now) : List.<Ratios>of()) {
                print(String.format(Locale.ROOT, "%-20s %10.1f ms before, %10.1f ms now: %.2fx", r.phase(), r.before(),
                    r.now(),
                    r.speedup()));
            }
            if (json.isPresent()) {
                Outputs.writeText(Path.of(json.get()), now.toPrettyString() + "\n");
            }
        }
        if (chart.isPresent()) {
            Charts.write(now, older, chart.get());
        }
    }
}
