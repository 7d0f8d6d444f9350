package org.daguerre.generate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.Daguerre;
import org.daguerre.Result;
import org.daguerre.image.Images;
import org.daguerre.image.ValueRange;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.testing.GoldenRun;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs of every family against the reference: latents after every step, decoded pictures, contexts. */
class PipelinesTest {
    private static final List<String> MODELS = List.of("tiny-sd1", "tiny-sd2v", "tiny-sdxl", "tiny-sdxl-refiner", "tiny-inpaint",
        "tiny-depth", "tiny-controlnet");

    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine engine : TestEngine.all()) {
            MODELS.forEach(model -> all.add(Arguments.of(engine, model)));
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, String model) throws Exception {
        int runs = 0;
        try (Daguerre sd = Daguerre.builder().model(GoldenRun.baseModel(model)).device(engine.engine()).precision(engine.type().name()).open();
             Goldens golden = Goldens.open(model, "pipelines")) {
            for (String name : GoldenRun.names(model)) {
                check(engine, sd, GoldenRun.of(model, name, golden));
                runs++;
            }
        }
        assertTrue(runs >= 2, "runs found: " + runs);
    }

    /** Base and refiner in one request give what the reference got from its two separate runs. */
    @ParameterizedTest
    @MethodSource("engines")
    void refinerTakesOverInOneRequest(TestEngine engine) {
        try (Daguerre sd = Daguerre.builder().model(Goldens.model("tiny-sdxl")).refiner(Goldens.model("tiny-sdxl-refiner"))
                .device(engine.engine()).precision(engine.type().name()).open();
             Goldens base = Goldens.open("tiny-sdxl", "pipelines"); Goldens refiner = Goldens.open("tiny-sdxl-refiner", "pipelines")) {
            Map<String, HostTensor> trace = new HashMap<>();
            sd.generate(GoldenRun.of("tiny-sdxl", "handover_base_euler", base).request().denoisingRange(0, 1).refinerAt(0.8)
                .trace(t -> trace.put(t.name(), t)).build());
            float[] latents = trace.get("latents").toFloats();
            float[] expected = refiner.floats("handover_refiner_euler/latents");
            float[] last = Arrays.copyOfRange(latents, latents.length - expected.length, latents.length);
            Goldens.close("refiner in one request", expected, last, engine.limit(Tolerance.PIPELINE));
        }
    }

    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    private static void check(TestEngine engine, Daguerre sd, GoldenRun run) {
        Map<String, HostTensor> trace = new HashMap<>();
        Result result = sd.generate(run.request().trace(t -> trace.put(t.name(), t)).build());
        double limit = engine.limit(Tolerance.PIPELINE);
        String prefix = run.name() + "/";
        Goldens golden = run.tensors();
        golden.check(prefix + "latents", trace.get("latents").toFloats(), limit);
        for (String name : List.of("context", "negative_context")) {
            if (golden.has(prefix + name)) {
                golden.check(prefix + name, trace.get(name).toFloats(), engine.limit(Tolerance.TEXT));
            }
        }
        if (golden.has(prefix + "decoded")) {
            checkPicture(engine, result, golden.floats(prefix + "decoded"), trace.get("decoded").toFloats(), run);
        }
    }

    /** Decoded values within the pipeline's limit, and pixels within 2.6e-3 (bf16: 3.6e-2, three times the evidence) on average. */
    private static void checkPicture(TestEngine engine, Result result, float[] expected, float[] decoded, GoldenRun run) {
        String name = run.model() + "/" + run.name() + "/decoded";
        // SDXL's autoencoder overflows f16, so engines that compute in f16 decode in bf16: its column is the one that matches.
        boolean decodedInBf16 = engine.type() == DType.F16 && run.model().startsWith("tiny-sdxl");
        TestEngine decoder = decodedInBf16 ? new TestEngine(engine.engine(), DType.BF16) : engine;
        Goldens.close(name, expected, decoded, decoder.limit(Tolerance.PIPELINE));
        float[] pixels = Images.toNchw(result.picture().pixels(), ValueRange.UNIT);
        boolean masked = run.picture("mask").isPresent();
        double sum = 0;
        for (int i = 0; i < pixels.length; i++) {
            double want = Math.min(1, Math.max(0, expected[i] / 2 + 0.5));
            sum += masked ? 0 : Math.abs(want - pixels[i]);
        }
        double limit = decoder.type() == DType.BF16 ? 3 * 1.2e-2 : 2.6e-3;
        assertTrue(sum / pixels.length <= limit, name + ": mean pixel difference " + sum / pixels.length);
    }
}
