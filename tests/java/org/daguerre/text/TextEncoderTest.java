package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The text encoders of every family against the reference implementation. */
class TextEncoderTest {
    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine engine : TestEngine.all()) {
            all.add(Arguments.of(engine, "tiny-sd1", "text_encoder"));
            all.add(Arguments.of(engine, "tiny-sd2v", "text_encoder"));
            all.add(Arguments.of(engine, "tiny-sdxl", "text_encoder"));
            all.add(Arguments.of(engine, "tiny-sdxl", "text_encoder_2"));
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, String model, String component) throws Exception {
        ModelDirectory directory = ModelDirectory.open(Goldens.model(model));
        double limit = engine.limit(Tolerance.TEXT);
        try (Backend backend = engine.open(); Goldens golden = Goldens.open(model, "components"); Ops ops = Ops.on(backend);
             var file = directory.weights(component)) {
            Weights weights = Weights.of(file);
            TextEncoderConfig config = TextEncoderConfig.of(directory.config(component));
            try (TextEncoder encoder = TextEncoder.load(Ops.on(backend), weights, config)) {
                assertEquals(Set.of(), weights.unused());
                int[][] ids = rows(golden.ints(component + "/input_ids"), 77);
                int[] eos = eos(ids, config.vocabulary() - 1);
                check(ops, golden, component + "/last_hidden", encoder.encode(ops, ids, 0, true, null, Probe.NONE).hidden(), limit);
                check(ops, golden, component + "/penultimate", encoder.encode(ops, ids, 1, false, null, Probe.NONE).hidden(), limit);
                check(ops, golden, component + "/penultimate_ln", encoder.encode(ops, ids, 1, true, null, Probe.NONE).hidden(), limit);
                String pooled = component + (golden.has(component + "/text_embeds") ? "/text_embeds" : "/pooled_ln_eos");
                check(ops, golden, pooled, encoder.encode(ops, ids, 1, true, eos, Probe.NONE).pooled(), limit);
                List<String> seen = new ArrayList<>();
                encoder.encode(ops, new int[][] {ids[0]}, 0, false, null, (o, name, value) -> {
                    String full = component + "/" + name;
                    if (golden.has(full)) {
                        golden.check(o, full, value, limit);
                        seen.add(name);
                    }
                });
                assertTrue(seen.containsAll(List.of("embeddings", "layer1")), "inner points found: " + seen);
            }
        }
    }

    private static void check(Ops ops, Goldens golden, String name, Tensor actual, double limit) {
        if (golden.has(name)) {
            golden.check(ops, name, actual, limit);
        }
    }

    private static int[][] rows(int[] flat, int length) {
        int[][] rows = new int[flat.length / length][length];
        for (int i = 0; i < flat.length; i++) {
            rows[i / length][i % length] = flat[i];
        }
        return rows;
    }

    private static int[] eos(int[][] ids, int end) {
        int[] at = new int[ids.length];
        for (int n = 0; n < ids.length; n++) {
            while (ids[n][at[n]] != end) {
                at[n]++;
            }
        }
        return at;
    }
}
