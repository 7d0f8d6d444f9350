package org.daguerre.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.daguerre.bench.BenchReport;
import org.daguerre.bench.OperationTimes;
import org.daguerre.bench.Stats;

/** A benchmark's report for people. */
final class BenchText {
    private static final int ROWS = 30;
    private static final Map<String, String> NAMES = Map.of("load_ms", "load", "text_ms", "text encoders", "step_ms",
        "one step",
        "vae_decode_ms", "decoding", "vae_encode_ms", "encoding", "total_ms", "one picture");

    private BenchText() {
    }

    static List<String> of(BenchReport report) {
        List<String> lines = new ArrayList<>();
        report.facts().forEach((key, value) -> lines.add(String.format("%-12s %s", key, value)));
        lines.add("");
        lines.add(String.format("%-16s %12s %12s %12s %6s", "milliseconds", "median", "min", "max", "runs"));
        report.times().forEach((key, t) -> lines.add(times(NAMES.getOrDefault(key, key), t)));
        lines.add("");
        numbers(report.numbers(), lines);
        profile("One step, every operation by itself", report.ops(), report, lines);
        profile("Decoding, every operation by itself", report.decode(), report, lines);
        return lines;
    }

    private static String times(String name, Stats t) {
        return String.format(Locale.ROOT, "%-16s %12.2f %12.2f %12.2f %6d", name, t.median(), t.min(), t.max(),
            t.runs());
    }

    private static void numbers(Map<String, Double> n, List<String> lines) {
        add(lines, n, "steps_per_second", "steps per second    %.3f", 1);
        add(lines, n, "pictures_per_second_apart", "requests in turn    %.3f pictures a second", 1);
        add(lines, n, "pictures_per_second_together", "requests together   %.3f pictures a second", 1);
        add(lines, n, "tflops_per_step", "TFLOP per step      %.3f", 1);
        add(lines, n, "tflops_decode", "TFLOP to decode     %.3f", 1);
        add(lines, n, "peak_tflops", "peak TFLOP/s        %.3f (large matrix product, same run)", 1);
        add(lines, n, "peak_share", "share, step         %.1f %% of peak", 100);
        add(lines, n, "decode_peak_share", "share, decoding     %.1f %% of peak", 100);
        if (n.containsKey("peak_rss_bytes")) {
            lines.add("peak memory         " + Bytes.show(n.get("peak_rss_bytes").longValue()) + " resident");
        }
        add(lines, n, "first_image_ms", "first picture       %.2f s after the start of the process", 1e-3);
    }

    private static void add(List<String> lines, Map<String, Double> numbers, String key, String format, double factor) {
        if (numbers.containsKey(key)) {
            lines.add(String.format(Locale.ROOT, format, numbers.get(key) * factor));
        }
    }

    private static void profile(String title, List<OperationTimes.Row> rows, BenchReport report, List<String> lines) {
        if (rows.isEmpty()) {
            return;
        }
        double all = rows.stream().mapToDouble(OperationTimes.Row::ms).sum();
        double peak = report.numbers().getOrDefault("peak_tflops", Double.NaN);
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%s: %.1f ms", title, all));
        lines.add(String.format("%9s %6s %6s %8s %8s %6s  %s", "ms", "share", "calls", "TFLOP/s", "GB/s", "peak",
            "operation"));
        for (OperationTimes.Row r : rows.subList(0, Math.min(ROWS, rows.size()))) {
            String arithmetic = r.flops() > 0 ? String.format(Locale.ROOT, "%8.3f %8.1f %5.1f%%", r.teraflops(),
                r.gigabytesPerSecond(),
                100 * r.teraflops() / peak) : String.format(Locale.ROOT, "%8s %8.1f %6s", "", r.gigabytesPerSecond(),
                "");
            lines.add(String.format(Locale.ROOT, "%9.2f %5.1f%% %6d %s  %s %s", r.ms(), 100 * r.ms() / all, r.count(),
                arithmetic, r.op(),
                r.shape()));
        }
        if (rows.size() > ROWS) {
            double rest = rows.subList(ROWS, rows.size()).stream().mapToDouble(OperationTimes.Row::ms).sum();
            lines.add(String.format(Locale.ROOT, "%9.2f %5.1f%%        %d more", rest, 100 * rest / all, rows.size()
                - ROWS));
        }
    }
}
