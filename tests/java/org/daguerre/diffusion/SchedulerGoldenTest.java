package org.daguerre.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.daguerre.diffusion.random.GivenNoise;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.tensor.Ops;
import org.daguerre.testing.TestEngine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every recorded run of diffusers' and k-diffusion's samplers: timesteps, sigmas, draws, latents after each step, on
 * each engine.
 */
class SchedulerGoldenTest {
    private static final Golden GOLDEN = new Golden();
    /**
     * Limits above 1e-5, where the reference's own float32 is the limit: at sigma 4096 its 1 - abar holds 6e-8 against
     * an abar of 6e-8, and the third-order term over short steps subtracts nearly equal numbers in (1 - exp(-2h) - 2h)
     * / (2h)^2.
     */
    private static final Map<String, Double> WIDER = Map.of("euler/zsnr_v_trailing/10", 3e-5,
        "euler_a/zsnr_v_trailing/10", 2e-5, "dpmpp_3m_sde/base/50", 3e-5);

    private static final Map<String, Ops> ENGINES = new LinkedHashMap<>();

    @BeforeAll
    static void open() {
        // Latents are f32 whatever the activations' type: one type of each engine says it all.
        TestEngine.all().forEach(e -> ENGINES.computeIfAbsent(e.engine(), name -> Ops.on(e.open())));
    }

    @AfterAll
    static void close() {
        ENGINES.values().forEach(ops -> ops.backend().close());
        ENGINES.clear();
    }

    @TestFactory
    Stream<DynamicTest> diffusers() {
        return tests("entries", (engine, e) -> {
            ObjectNode config = e.get("config").deepCopy();
            config.put("_class_name", e.get("cls").textValue());
            e.get("step_kwargs").fields().forEachRemaining(f -> config.set(f.getKey(), f.getValue()));
            Plan plan = Samplers.plan(SamplerConfig.fromJson(config), SamplerOptions.modelDefault(),
                e.get("num_inference_steps").intValue());
            // 5e-5: what interpolating log(sigma) in float32 costs the reference where the exact timestep is 0 or 1.
            near("timesteps", Golden.doubles(e.get("timesteps")), plan.timesteps(), 5e-5);
            assertEquals(e.get("init_noise_sigma").doubleValue(), plan.initNoiseScale(), 1e-6 * plan.initNoiseScale());
            if (e.has("sigmas") && plan.sigmas().length > 0) {
                near("sigmas", Golden.doubles(e.get("sigmas")), plan.sigmas(), 0);
            }
            assertEquals(e.has("sigmas"), plan.sigmas().length > 0, "has sigmas");
            run(engine, e, plan, "timesteps");
        });
    }

    @TestFactory
    Stream<DynamicTest> kDiffusion() {
        return tests("kdiffusion", (engine, e) -> {
            boolean v = e.get("prediction").textValue().equals("v");
            Plan plan = Samplers.plan(SamplerConfig.stableDiffusion(v ? Prediction.V : Prediction.EPSILON),
                SamplerOptions.named(e.get("sampler").textValue()).withDialect(Dialect.K_DIFFUSION)
                    .withSchedule(e.get("schedule").textValue()), e.get("num_steps").intValue());
            assertEquals(Dialect.K_DIFFUSION, plan.scheme().kDiffusion() ? Dialect.K_DIFFUSION : Dialect.DIFFUSERS);
            near("sigmas", Golden.doubles(e.get("sigmas")), plan.sigmas(), 0);
            run(engine, e, plan, "model_calls_t");
        });
    }

    private static Stream<DynamicTest> tests(String key, BiConsumer<String, JsonNode> check) {
        return ENGINES.keySet().stream().flatMap(engine -> StreamSupport
            .stream(GOLDEN.json.get(key).spliterator(), false)
            .map(e -> dynamicTest(engine + " " + e.get("id").textValue(), () -> check.accept(engine, e))));
    }

    private static void run(String engine, JsonNode e, Plan plan, String calls) {
        String id = e.get("id").textValue();
        List<float[]> expected = GOLDEN.rows(id + "/latents");
        List<Double> asked = new ArrayList<>();
        List<Double> errors = new ArrayList<>();
        GivenNoise noise = new GivenNoise(GOLDEN.rows("noise"));
        try (Ops ops = ENGINES.get(engine).child()) {
            StepListener compare = s -> errors.add(
                Golden.relativeError(Golden.download(s.ops(), s.latents()), expected.get(s.index())));
            new Sampling(plan, Golden.network(asked), noise, StepHook.NONE, compare)
                .run(ops, plan.start(ops, Golden.upload(ops, GOLDEN.values("x0"))));
        }
        assertEquals(expected.size(), errors.size(), "steps");
        // Interpolating log(sigma) in float32, as the reference does, is good for 1e-6 of the timestep range.
        near("model calls", Golden.doubles(e.get(calls)), asked.stream().mapToDouble(t -> t).toArray(), 1e-3);
        for (int i = 0; i < errors.size(); i++) {
            assertTrue(errors.get(i) <= limit(engine, id), "latents after step " + i + ": relative error " + errors);
        }
        assertEquals(e.get("noises_used").intValue(), noise.used(), "random draws");
    }

    private static double limit(String engine, String id) {
        return engine.equals("java") ? WIDER.getOrDefault(id, 1e-5) : 1e-4;
    }

    private static void near(String what, double[] expected, double[] found, double atLeast) {
        assertEquals(expected.length, found.length, what);
        for (int i = 0; i < expected.length; i++) {
            double limit = Math.max(1e-6 * Math.abs(expected[i]), atLeast);
            assertTrue(Math.abs(expected[i] - found[i]) <= limit,
                what + "[" + i + "]: expected " + expected[i] + ", found " + found[i]);
        }
    }
}
