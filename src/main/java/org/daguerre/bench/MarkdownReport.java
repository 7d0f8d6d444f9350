package org.daguerre.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reports of {@code daguerre bench --json} as a page: tables of phases, ratios to other programs that measured the same work and wrote
 * the same keys, and the profile. Reports that agree in program, work and steps are rounds of one measurement: medians of their medians.
 */
public final class MarkdownReport {
    private static final int OPERATIONS = 20;
    private static final List<String> SAME = List.of("arch", "size", "batch", "cfg", "steps");

    private final StringBuilder page = new StringBuilder();

    private MarkdownReport() {
    }

    /**
     * @param reports of this program, which name a commit, and of others, which do not
     * @throws IllegalArgumentException if none is of this program
     */
    public static String of(List<JsonNode> reports) {
        Map<List<String>, List<JsonNode>> ours = new LinkedHashMap<>();
        Map<List<String>, List<JsonNode>> theirs = new LinkedHashMap<>();
        for (JsonNode r : reports) {
            (r.has("commit") ? ours : theirs).computeIfAbsent(key(r), k -> new ArrayList<>()).add(r);
        }
        if (ours.isEmpty()) {
            throw new IllegalArgumentException("report: expected a file of daguerre bench --json, found none that names a commit");
        }
        MarkdownReport report = new MarkdownReport();
        ours.values().forEach(rounds -> report.section(rounds, theirs.values()));
        return report.page.toString();
    }

    private static List<String> key(JsonNode r) {
        List<String> key = new ArrayList<>();
        SAME.forEach(k -> key.add(r.path(k).asText()));
        key.addAll(List.of(r.path("device").asText(), r.path("precision").asText()));
        return key;
    }

    private void line(String format, Object... values) {
        page.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void section(List<JsonNode> rounds, Iterable<List<JsonNode>> peers) {
        JsonNode first = rounds.get(0);
        line("## %s, %s, %d steps\n", first.path("arch").asText(), first.path("size").asText(), first.path("steps").asInt());
        line("- machine: %s", first.path("machine").asText());
        line("- engine: %s, %s, %d threads", first.path("device").asText(), first.path("precision").asText(),
            first.path("threads").asInt());
        line("- commit: %s", first.path("commit").asText());
        if (first.has("command")) {
            line("- command, %d times: `%s`", rounds.size(), first.path("command").asText());
        }
        line("\n| phase | median ms | least | most | runs |\n|---|---|---|---|---|");
        for (String phase : Ratios.KEYS) {
            if (first.has(phase)) {
                line("| %s | %.1f | %.1f | %.1f | %.0f |", name(phase), median(rounds, phase, "median"),
                    rounds.stream().mapToDouble(r -> r.path(phase).path("min").asDouble()).min().orElseThrow(),
                    rounds.stream().mapToDouble(r -> r.path(phase).path("max").asDouble()).max().orElseThrow(),
                    rounds.stream().mapToDouble(r -> r.path(phase).path("runs").asDouble()).sum());
            }
        }
        line("");
        rates(rounds);
        for (List<JsonNode> peer : peers) {
            if (SAME.stream().allMatch(k -> peer.get(0).path(k).equals(first.path(k)))) {
                against(rounds, peer);
            }
        }
        rounds.stream().filter(r -> r.has("ops")).findFirst().ifPresent(this::profile);
    }

    private void rates(List<JsonNode> rounds) {
        JsonNode first = rounds.get(0);
        if (first.has("peak_share")) {
            line("A step is %.3f TFLOP and runs at %.1f %% of the rate of a large matrix product (%.3f TFLOP/s, measured in the same run).",
                first.path("tflops_per_step").asDouble(), 100 * median(rounds, "peak_share", ""), median(rounds, "peak_tflops", ""));
        }
        if (first.has("decode_peak_share")) {
            line("Decoding runs at %.1f %% of it.", 100 * median(rounds, "decode_peak_share", ""));
        }
        if (first.has("pictures_per_second_together")) {
            line("%d requests: %.2f pictures a second one after the other, %.2f sharing passes.", first.path("requests").asInt(),
                median(rounds, "pictures_per_second_apart", ""), median(rounds, "pictures_per_second_together", ""));
        }
        line("Most resident memory: %.2f GiB. First picture %.1f s after the start of the process.\n",
            median(rounds, "peak_rss_bytes", "") / (1L << 30), median(rounds, "first_image_ms", "") / 1000);
    }

    private void against(List<JsonNode> ours, List<JsonNode> peer) {
        line("Against %s, %s, %d threads%s:\n", peer.get(0).path("device").asText(), peer.get(0).path("precision").asText(),
            peer.get(0).path("threads").asInt(), peer.size() > 1 ? ", " + peer.size() + " times in turn with it" : "");
        line("| phase | its median ms | ours | ratio |\n|---|---|---|---|");
        for (String phase : Ratios.KEYS) {
            if (peer.get(0).has(phase) && ours.get(0).has(phase)) {
                double theirs = median(peer, phase, "median");
                double own = median(ours, phase, "median");
                line("| %s | %.1f | %.1f | %.2f |", name(phase), theirs, own, theirs / own);
            }
        }
        line("\nIts most resident memory: %.2f GiB.\n", median(peer, "peak_rss_bytes", "") / (1L << 30));
    }

    private void profile(JsonNode report) {
        double all = 0;
        for (JsonNode op : report.get("ops")) {
            all += op.path("ms").asDouble();
        }
        line("One step, every operation by itself: %.1f ms.\n\n| ms | share | calls | TFLOP/s | of peak | operation |\n|---|---|---|---|---|---|",
            all);
        double rest = all;
        for (int i = 0; i < Math.min(OPERATIONS, report.get("ops").size()); i++) {
            JsonNode op = report.get("ops").get(i);
            double ms = op.path("ms").asDouble();
            rest -= ms;
            line("| %.2f | %.1f %% | %d | %.3f | %.0f %% | %s %s |", ms, 100 * ms / all, op.path("count").asInt(),
                op.path("tflops").asDouble(), 100 * op.path("tflops").asDouble() / report.path("peak_tflops").asDouble(),
                op.path("op").asText(), op.path("shape").asText());
        }
        line("| %.2f | %.1f %% | | | | all others |\n", rest, 100 * rest / all);
    }

    private static String name(String phase) {
        return switch (phase) {
            case "load_ms" -> "load";
            case "text_ms" -> "text encoders";
            case "step_ms" -> "one step";
            case "vae_decode_ms" -> "decoding";
            case "vae_encode_ms" -> "encoding";
            default -> "one picture";
        };
    }

    private static double median(List<JsonNode> rounds, String key, String part) {
        return Stats.of(rounds.stream().map(r -> (part.isEmpty() ? r.path(key) : r.path(key).path(part)).asDouble()).toList()).median();
    }
}
