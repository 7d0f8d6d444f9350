package org.daguerre.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a benchmark found.
 *
 * @param facts   words: machine, device, precision, commit, arch, size, ...
 * @param times   by JSON key, in milliseconds
 * @param numbers by JSON key
 * @param ops     of one step, slowest first; empty without profile
 * @param decode  of decoding
 */
public record BenchReport(Map<String, String> facts, Map<String, Stats> times, Map<String, Double> numbers,
    List<OperationTimes.Row> ops,
                          List<OperationTimes.Row> decode) {
    public BenchReport {
        facts = new LinkedHashMap<>(facts);
        times = new LinkedHashMap<>(times);
        numbers = new LinkedHashMap<>(numbers);
    }

    /** The keys that {@code daguerre bench --json} promises. */
    public ObjectNode toJson() {
        ObjectNode root = JsonMapper.builder().build().createObjectNode();
        facts.forEach((key, value) -> {
            if (value.matches("\\d+")) {
                root.put(key, Integer.parseInt(value));
            } else {
                root.put(key, value);
            }
        });
        times.forEach((key, t) -> root.putObject(key).put("median", t.median()).put("min", t.min()).put("max", t.max())
            .put("runs", t.runs()));
        numbers.forEach((key, value) -> {
            if (value == Math.rint(value) && key.endsWith("_bytes")) {
                root.put(key, value.longValue());
            } else {
                root.put(key, value);
            }
        });
        if (!ops.isEmpty()) {
            rows(root.putArray("ops"), ops);
        }
        if (!decode.isEmpty()) {
            rows(root.putArray("decode_ops"), decode);
        }
        return root;
    }

    private static void rows(ArrayNode array, List<OperationTimes.Row> rows) {
        for (OperationTimes.Row r : rows) {
            array.addObject().put("op", r.op()).put("shape", r.shape()).put("count", r.count()).put("ms", r.ms())
                .put("tflops", r.teraflops()).put("gbps", r.gigabytesPerSecond());
        }
    }
}
