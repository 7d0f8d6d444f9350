package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.tensor.DType;
import org.daguerre.testing.GoldenRun;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.weights.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reference runs through the command line, with {@code --noise} and {@code --trace}. All of them on one f32 engine;
 * on the others the first run of each model, since the engines are compared run by run in {@link
 * org.daguerre.generate.PipelinesTest}.
 */
class ParityTest {
    private static final List<String> MODELS = List.of("tiny-sd1", "tiny-sd2v", "tiny-sdxl", "tiny-sdxl-refiner",
        "tiny-inpaint",
        "tiny-depth", "tiny-controlnet");

    @TempDir
    Path folder;

    static Stream<Arguments> cases() {
        List<TestEngine> engines = TestEngine.all();
        TestEngine whole = engines.stream().filter(e -> e.type() == DType.F32).findFirst().orElse(engines.get(0));
        List<Arguments> all = new ArrayList<>();
        for (TestEngine engine : engines) {
            for (String model : MODELS) {
                List<String> names = GoldenRun.names(model);
                (engine.equals(whole) ? names : names.subList(0, 1)).forEach(name ->
                    all.add(Arguments.of(engine, model, name)));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, String model, String name) throws Exception {
        try (Goldens golden = Goldens.open(model, "pipelines")) {
            GoldenRun run = GoldenRun.of(model, name, golden);
            CommandLineRun.ok(GoldenArguments.of(run, engine, folder));
            try (Goldens trace = Goldens.open(folder.resolve("trace.safetensors"))) {
                check(golden, name, trace, engine);
            }
        }
        assertTrue(Files.size(folder.resolve("picture.png")) > 0);
    }

    private static void check(Goldens golden, String name, Goldens trace, TestEngine engine) {
        golden.check(name + "/latents", trace.floats("latents"), engine.limit(Tolerance.PIPELINE));
        for (String tensor : List.of("context", "negative_context", "pooled", "negative_pooled")) {
            if (golden.has(name + "/" + tensor)) {
                golden.check(name + "/" + tensor, trace.floats(tensor), engine.limit(Tolerance.TEXT));
            }
        }
        if (golden.has(name + "/decoded")) {
            golden.check(name + "/decoded", trace.floats("decoded"), decoder(engine, trace).limit(Tolerance.PIPELINE));
        }
        assertEquals(trace.get("timesteps").shape().dim(0), trace.get("latents").shape().dim(0));
        assertTrue(trace.has("token_ids") && trace.has("initial_latents"));
    }

    /** SDXL's autoencoder (the one whose prompts have a pooled part) overflows f16, so f16 engines decode in bf16. */
    private static TestEngine decoder(TestEngine engine, Goldens trace) {
        return engine.type() == DType.F16 && trace.has("pooled") ? new TestEngine(engine.engine(), DType.BF16) : engine;
    }

    /** What a trace holds can be given again: the same picture comes out. */
    @Test
    void aTraceCanBeGivenAsNoise() throws Exception {
        Path trace = folder.resolve("trace.safetensors");
        String model = Goldens.model("tiny-sd1").toString();
        CommandLineRun.ok("a cat", "-m", model, "--steps", "2", "--seed", "5", "--trace", trace.toString(), "-o",
            folder.resolve("a.png").toString());
        try (Goldens t = Goldens.open(trace)) {
            SafetensorsWriter.write(folder.resolve("latents.safetensors"),
                List.of(t.get("initial_latents").withName("latents")), Map.of());
        }
        CommandLineRun.ok("a cat", "-m", model, "--steps", "2", "--seed", "5", "--noise",
            folder.resolve("latents.safetensors").toString(),
            "-o", folder.resolve("b.png").toString());
        assertEquals(-1, Files.mismatch(folder.resolve("a.png"), folder.resolve("b.png")));
    }
}
