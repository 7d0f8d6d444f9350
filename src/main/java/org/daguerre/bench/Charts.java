package org.daguerre.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Draws reports. */
public final class Charts {
    private static final int OPERATIONS = 25;

    private Charts() {
    }

    /**
     * The phases of one report, beside those of an older one if there is one; with a profile the slowest operations of
     * a step.
     */
    public static void write(JsonNode report, Optional<JsonNode> older, Path file) throws IOException {
        boolean profile = report.has("ops") && older.isEmpty();
        chart(report, older, profile).write(file);
    }

    private static BarChart chart(JsonNode report, Optional<JsonNode> older, boolean profile) {
        String title = report.path("arch").asText() + " " + report.path("size").asText() + ", "
            + report.path("device").asText();
        List<BarChart.Row> rows = new ArrayList<>();
        if (profile) {
            for (JsonNode op : report.get("ops")) {
                if (rows.size() < OPERATIONS) {
                    rows.add(new BarChart.Row(op.path("count").asInt() + " x " + op.path("op").asText() + " "
                        + op.path("shape").asText(),
                        List.of(op.path("ms").asDouble())));
                }
            }
            return new BarChart("One step by operation: " + title, "ms", List.of("now"), rows);
        }
        for (String key : Ratios.KEYS) {
            if (report.has(key) && (older.isEmpty() || older.get().has(key))) {
                List<Double> values = new ArrayList<>();
                older.ifPresent(o -> values.add(o.at("/" + key + "/median").asDouble()));
                values.add(report.at("/" + key + "/median").asDouble());
                rows.add(new BarChart.Row(key.replace("_ms", "").replace('_', ' '), values));
            }
        }
        return new BarChart(title, "ms", older.isPresent() ? List.of("before", "now") : List.of("now"), rows);
    }
}
