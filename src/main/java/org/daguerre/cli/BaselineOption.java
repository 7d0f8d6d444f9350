package org.daguerre.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.daguerre.bench.Baseline;
import org.daguerre.bench.Comparison;
import org.daguerre.bench.CudnnBaseline;
import org.daguerre.tensor.Backend;
import picocli.CommandLine.Option;

/** Whom to compare single operations with. */
final class BaselineOption {
    @Option(names = "--baseline", paramLabel = "cudnn",
        description = "Compare every operation with NVIDIA's cuDNN and cuBLAS; needs a GPU.")
    Optional<String> name = Optional.empty();

    private final Function<Backend, Baseline> cudnn;

    /** @param cudnn opens the baseline beside an engine, or says why it cannot */
    BaselineOption(Function<Backend, Baseline> cudnn) {
        this.cudnn = cudnn;
    }

    /** NVIDIA's libraries, which are loaded when they are opened beside a cuda engine, and not before. */
    static BaselineOption ofLibraries() {
        return new BaselineOption(CudnnBaseline::open);
    }

    boolean asked() {
        return name.isPresent();
    }

    void check() {
        Checks.set("--baseline", name.filter(n -> !n.equals("cudnn")), n -> {
            throw new IllegalArgumentException("expected cudnn, found " + n);
        });
    }

    Baseline open(Backend engine) {
        return cudnn.apply(engine);
    }

    static String header() {
        return String.format("%10s %10s %7s %9s  %s", "ours ms", "cudnn ms", "ratio", "TFLOP/s", "operation");
    }

    static String row(Comparison c) {
        return String.format(Locale.ROOT, "%10.4f %10s %7s %9.3f  %s %s", c.ours(), number("%.4f", c.theirs()),
            number("%.2fx", c.ratio()), c.teraflops(), c.work().operation(), c.work().label());
    }

    /** The operations that both have, their times added up. */
    static String total(List<Comparison> rows) {
        List<Comparison> both = rows.stream().filter(c -> c.theirs().isPresent()).toList();
        double ours = both.stream().mapToDouble(Comparison::ours).sum();
        double theirs = both.stream().mapToDouble(c -> c.theirs().getAsDouble()).sum();
        return String.format(Locale.ROOT, "%10.4f %10.4f %7s %9s  each of these %d once; above 1x ours is faster", ours,
            theirs, both.isEmpty() ? "-" : String.format(Locale.ROOT, "%.2fx", theirs / ours), "", both.size());
    }

    /** Adds what the baseline took, if it has the operation. */
    static void put(ObjectNode row, Comparison c) {
        c.theirs().ifPresent(ms -> row.put("cudnn_ms", ms).put("cudnn_ratio", c.ratio().getAsDouble()));
    }

    private static String number(String format, OptionalDouble value) {
        return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "-";
    }
}
