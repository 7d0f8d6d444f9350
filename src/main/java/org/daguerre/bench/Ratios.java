package org.daguerre.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A phase before and now.
 *
 * @param before median milliseconds
 * @param now    median milliseconds
 */
public record Ratios(String phase, double before, double now) {
    static final List<String> KEYS = List.of("load_ms", "text_ms", "step_ms", "vae_decode_ms", "vae_encode_ms",
        "total_ms");

    /** Above 1: faster than before. */
    public double speedup() {
        return before / now;
    }

    /**
     * The phases that both reports have.
     *
     * @throws IllegalArgumentException if they measured different things
     */
    public static List<Ratios> of(JsonNode before, JsonNode now) {
        for (String key : List.of("arch", "size", "batch", "cfg")) {
            if (!before.path(key).equals(now.path(key))) {
                throw new IllegalArgumentException("compare: expected a report with " + key + " "
                    + now.path(key).asText() + ", found "
                    + before.path(key).asText("none"));
            }
        }
        boolean sameSteps = before.path("steps").equals(now.path("steps"));
        List<Ratios> rows = new ArrayList<>();
        for (String key : KEYS) {
            if (before.has(key) && now.has(key) && (sameSteps || !key.equals("total_ms"))) {
                rows.add(new Ratios(key, before.at("/" + key + "/median").asDouble(),
                    now.at("/" + key + "/median").asDouble()));
            }
        }
        return rows;
    }
}
