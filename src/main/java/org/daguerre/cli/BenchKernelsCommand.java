package org.daguerre.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import org.daguerre.SessionOptions;
import org.daguerre.Size;
import org.daguerre.backend.Engines;
import org.daguerre.backend.NativeBackend;
import org.daguerre.bench.Architecture;
import org.daguerre.bench.Baseline;
import org.daguerre.bench.BenchSettings;
import org.daguerre.bench.Comparison;
import org.daguerre.bench.EngineTimer;
import org.daguerre.bench.KernelBench;
import org.daguerre.bench.Stats;
import org.daguerre.bench.Work;
import org.daguerre.bench.WorkList;
import org.daguerre.tensor.Backend;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code daguerre bench kernels}. */
@CommandLine.Command(name = "kernels", sortOptions = false, abbreviateSynopsis = true,
    description = "Time single operations: results are checked first, caches are emptied before each call.")
final class BenchKernelsCommand extends Command {
    @Option(names = "--op", paramLabel = "NAME",
        description = "conv2d, linear, attention, group_norm or layer_norm; default: all.")
    Optional<String> op;

    @Option(names = "--shape", paramLabel = "SIZES",
        description = "One shape of --op instead of those of --arch, separated by commas: "
        + "conv2d N,H,W,C,O,K[,STRIDE]; linear ROWS,K,O; attention N,LQ,LK,HEADS,D; norms N,POSITIONS,C.")
    Optional<String> shape;

    @Option(names = "--arch", paramLabel = "NAME", defaultValue = "sd15",
        description = "Whose shapes to time: sd15 (default), sd15-vae, sd21, sdxl or sdxl-refiner.")
    String arch;

    @Option(names = {"-s", "--size"}, paramLabel = "WxH",
        description = "Size of the pictures; default: the architecture's.")
    Optional<Size> size;

    @Option(names = {"-b", "--batch"}, paramLabel = "N", defaultValue = "1",
        description = "Pictures at once; default: 1.")
    int batch;

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "10",
        description = "Calls of each operation; default: 10.")
    int repeat;

    @Mixin
    final BaselineOption baseline;

    @Option(names = "--json", paramLabel = "FILE", description = "Write everything as JSON.")
    Optional<Path> json;

    @Mixin
    EngineOptions engine = new EngineOptions();

    BenchKernelsCommand(Console console) {
        this(console, BaselineOption.ofLibraries());
    }

    BenchKernelsCommand(Console console, BaselineOption baseline) {
        super(console);
        this.baseline = baseline;
    }

    @Override
    void execute() throws IOException {
        baseline.check();
        List<Work> works = works();
        if (json.isPresent()) {
            Outputs.checkWritable("--json", json.get());
        }
        Engines.Choice choice = engine.open();
        note(choice.reason());
        try (Backend backend = choice.backend(); Baseline theirs = baseline.asked() ? baseline.open(backend) : null) {
            ObjectNode root = time(works, backend, theirs);
            if (json.isPresent()) {
                Outputs.writeText(json.get(), root.toPrettyString() + "\n");
            }
        }
    }

    private List<Work> works() {
        if (shape.isPresent()) {
            return List.of(WorkList.of(op.orElseThrow(() ->
                new IllegalArgumentException("--shape: expected --op with it, found none")),
                shape.get()));
        }
        BenchSettings settings = new BenchSettings(Optional.of(Architecture.of(arch)), SessionOptions.plain(), size, 2,
            0, 1, batch, true, false);
        return WorkList.of(settings, op);
    }

    private ObjectNode time(List<Work> works, Backend backend, Baseline theirs) {
        KernelBench bench = new KernelBench(backend, repeat);
        double peak = bench.peakTeraflops();
        print(String.format(Locale.ROOT, "peak %.3f TFLOP/s (large matrix product)", peak));
        print(String.format("%10s %10s %10s %9s %8s %6s%s  %s", "median ms", "min", "max", "TFLOP/s", "GB/s", "peak",
            theirs != null ? "   cudnn" : "", "operation"));
        ObjectNode root = JsonResults.object().put("device", backend.name() + ": " + backend.description())
            .put("peak_tflops", peak);
        if (theirs != null) {
            note("baseline: " + theirs.description());
            root.put("baseline", theirs.description());
        }
        for (Work work : works) {
            if (console().cancelled().getAsBoolean()) {
                throw new CancellationException();
            }
            row(root, bench.time(work), peak, compare(theirs, backend, work));
        }
        return root;
    }

    /** Both back to back; ours alone where there is nothing to compare with. */
    private Comparison compare(Baseline theirs, Backend backend, Work work) {
        if (theirs == null || work instanceof Work.Norm) {
            return new Comparison(work, Double.NaN, OptionalDouble.empty());
        }
        return Comparison.of(new EngineTimer((NativeBackend) backend), theirs, work, repeat);
    }

    private void row(ObjectNode root, Stats t, double peak, Comparison compared) {
        Work work = compared.work();
        double tflops = work.flops() / t.median() / 1e9;
        double gbps = work.bytes() / t.median() / 1e6;
        OptionalDouble ratio = compared.ratio();
        String column = !baseline.asked() ? "" : ratio.isPresent() ? String.format(Locale.ROOT, " %6.2fx",
            ratio.getAsDouble()) : "       -";
        print(String.format(Locale.ROOT, "%10.3f %10.3f %10.3f %9.3f %8.1f %5.1f%%%s  %s %s", t.median(), t.min(),
            t.max(), tflops, gbps,
            100 * tflops / peak, column, work.operation(), work.label()));
        ObjectNode row = root.withArray("kernels").addObject().put("op", work.operation()).put("shape", work.label());
        row.putObject("ms").put("median", t.median()).put("min", t.min()).put("max", t.max()).put("runs", t.runs());
        row.put("tflops", tflops).put("gbps", gbps).put("peak_share", tflops / peak);
        BaselineOption.put(row, compared);
    }
}
