package org.daguerre.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.daguerre.diffusion.random.GivenNoise;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is known of a run before it starts, and how runs are begun in the middle, watched, changed and cancelled. */
class PlanTest {
    // Python writes -Infinity, which plain JSON has not.
    private static final ObjectMapper JSON = JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
        .build();
    private static final SamplerConfig SD = SamplerConfig.stableDiffusion(Prediction.EPSILON);

    /** Timesteps, sigmas and initial scale of every recorded pipeline run, from the models' own configuration files. */
    @TestFactory
    Stream<DynamicTest> recordedPipelines() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String model : List.of("tiny-sd1", "tiny-sd2v", "tiny-sdxl", "tiny-sdxl-refiner", "tiny-inpaint",
            "tiny-depth",
            "tiny-controlnet")) {
            Path folder = Path.of("tests/fixtures/models", model.equals("tiny-controlnet") ? "tiny-sd1" : model);
            Path file = folder.resolve("scheduler/scheduler_config.json");
            SamplerConfig config = SamplerConfig.fromJson(JSON.readTree(file.toFile()));
            JsonNode runs = JSON.readTree(Path.of("tests/fixtures", model, "meta.json").toFile()).get("pipelines");
            runs.fields().forEachRemaining(run -> tests.add(
                dynamicTest(model + " " + run.getKey(), () -> checkPipeline(config, run.getValue()))));
        }
        return tests.stream();
    }

    private static void checkPipeline(SamplerConfig model, JsonNode run) {
        SamplerOptions user = switch (run.get("scheduler").textValue()) {
            case "dpmpp2m_karras" -> SamplerOptions.named("DPM++ 2M Karras");
            case "ddim_trailing_zsnr" -> SamplerOptions.named("ddim").withSpacing(Spacing.TRAILING).withZeroSnr(true);
            default -> SamplerOptions.named(run.get("scheduler").textValue());
        };
        Plan plan = Samplers.plan(model, user, run.get("num_inference_steps").intValue());
        assertEquals(run.get("scheduler_class").textValue(), plan.scheme().className());
        assertEquals(run.get("init_noise_sigma").doubleValue(), plan.initNoiseScale(), 1e-6 * plan.initNoiseScale());
        if (run.has("sigmas")) {
            near(Golden.doubles(run.get("sigmas")), plan.sigmas());
        }
        if (run.has("strength")) {
            plan = plan.fromStrength(run.get("strength").doubleValue());
        }
        plan = run.has("denoising_end") ? plan.until(run.get("denoising_end").doubleValue()) : plan;
        plan = run.has("denoising_start") ? plan.from(run.get("denoising_start").doubleValue()) : plan;
        near(Golden.doubles(run.get("timesteps")), plan.timesteps());
    }

    private static void near(double[] expected, double[] found) {
        assertEquals(expected.length, found.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 1e-6 * Math.abs(expected[i]), "at " + i);
        }
    }

    @Test
    void defaultSamplerIsTheModels() {
        assertEquals("PNDMScheduler", Samplers.plan(SD, SamplerOptions.modelDefault(), 10).scheme().className());
        Plan euler = Samplers.plan(new SamplerConfig("EulerDiscreteScheduler", Map.of()), SamplerOptions.modelDefault(),
            10);
        assertEquals(0.02, euler.config().number("beta_end"), "the class's own default");
        assertEquals(Spacing.LINSPACE, euler.config().spacing());
        assertThrows(IllegalArgumentException.class,
            () -> Samplers.plan(new SamplerConfig("FlowMatchEulerDiscreteScheduler", Map.of()),
                SamplerOptions.modelDefault(), 10));
    }

    @Test
    void strengthInBothDialects() {
        Plan whole = Samplers.plan(SD, SamplerOptions.named("heun"), 10);
        Plan part = whole.fromStrength(0.35);
        assertEquals(14, part.first(), "two calls for each of the 7 steps left out");
        assertEquals(5, part.count());
        assertEquals(whole.length(), whole.fromStrength(1).count());
        Plan k = Samplers.plan(SD, SamplerOptions.named("heun").withDialect(Dialect.K_DIFFUSION), 10);
        assertEquals(6, k.fromStrength(0.35).first(), "A1111 runs one step more: int(0.35 * 10) + 1 = 4");
        assertEquals(10, k.fromStrength(1).count());
        assertThrows(IllegalArgumentException.class, () -> whole.fromStrength(0.05));
        assertThrows(IllegalArgumentException.class, () -> whole.fromStrength(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> whole.fromStrength(1.01));
    }

    @Test
    void settingsOfOtherPrograms() {
        SamplerOptions k = SamplerOptions.named("dpm2").withDialect(Dialect.K_DIFFUSION);
        Plan plain = Samplers.plan(SD, k, 10);
        assertEquals(plain.levels().maxSigma(), plain.initNoiseScale(), 1e-5);
        Plan comfy = Samplers.plan(SD, k.withSettings(Map.of("max_denoise", true)), 10);
        assertEquals(Math.hypot(plain.levels().maxSigma(), 1), comfy.initNoiseScale(), 1e-5);
        double[] discarded = Samplers.plan(SD, k.withSettings(Map.of("discard_next_to_last_sigma", true)), 10).sigmas();
        double[] eleven = Samplers.plan(SD, k, 11).sigmas();
        assertEquals(11, discarded.length);
        assertEquals(eleven[9], discarded[9]);
        assertEquals(0, discarded[10]);
    }

    @Test
    void handoverCoversEachStepOnce() {
        for (String sampler : List.of("ddim", "euler", "dpm++ 2m karras", "unipc")) {
            Plan whole = Samplers.plan(SD, SamplerOptions.named(sampler), 20);
            for (double at : new double[] {0.3, 0.5, 0.8}) {
                assertArrayEquals(whole.timesteps(), DoubleStream.concat(DoubleStream.of(whole.until(at).timesteps()),
                    DoubleStream.of(whole.from(at).timesteps())).toArray(), sampler + " at " + at);
            }
        }
        Plan heun = Samplers.plan(SD, SamplerOptions.named("heun"), 20).from(0.5);
        assertEquals(0, heun.first() % 2, "begins with the first call of a step");
    }

    @Test
    void addNoiseMatchesTheClasses() {
        Golden golden = new Golden();
        try (Ops ops = Ops.on(new ReferenceBackend())) {
            Tensor image = Golden.upload(ops, golden.values("image"));
            Tensor noise = Golden.upload(ops, golden.values("x0"));
            for (int t : new int[] {1, 500, 999}) {
                // 1000 steps visit every timestep
                Plan all = Samplers.plan(SD.with("steps_offset", 0), SamplerOptions.named("ddim"), 1000);
                float[] noised = Golden.download(ops, all.addNoise(ops, image, noise, 999 - t));
                assertTrue(Golden.relativeError(noised, golden.values("add_noise/ddim/" + t)) <= 1e-6, "t = " + t);
                double signal = all.levels().signal(t);
                Tensor v = Mix.zero().plus(Math.sqrt(signal), noise).plus(-Math.sqrt(1 - signal), image).eval(ops);
                assertTrue(Golden.relativeError(Golden.download(ops, v), golden.values("velocity/ddim/" + t)) <= 1e-6);
                // and the estimates invert it
                Tensor x = all.addNoise(ops, image, noise, 999 - t);
                Tensor clean = Prediction.V.clean(Mix.of(x), v, Math.sqrt(signal), Math.sqrt(1 - signal)).eval(ops);
                assertTrue(Golden.relativeError(Golden.download(ops, clean), golden.values("image")) <= 1e-6);
            }
            Plan euler = Samplers.plan(SD.with("timestep_spacing", "leading"), SamplerOptions.named("euler"), 10);
            float[] noised = Golden.download(ops, euler.addNoise(ops, image, noise, 4));
            assertTrue(Golden.relativeError(noised, golden.values("add_noise/euler10_index4")) <= 1e-6);
        }
    }

    @Test
    void hooksListenersAndCancelling() {
        Golden golden = new Golden();
        Plan plan = Samplers.plan(SD, SamplerOptions.named("euler"), 6).fromStrength(0.5);
        List<String> log = new ArrayList<>();
        try (Ops ops = Ops.on(new ReferenceBackend())) {
            Tensor image = Golden.upload(ops, golden.values("image"));
            Tensor noise = Golden.upload(ops, golden.values("x0"));
            StepHook keepAll = (o, next, latents) -> plan.addNoise(o, image, noise, next);
            StepListener listener = e -> {
                log.add(e.index() + "/" + e.count() + "@" + Math.round(e.timestep()) + ":" + e.ops().download(e.clean())
                    .length);
                return true;
            };
            Tensor end = new Sampling(plan, Golden.network(new ArrayList<>()), new GivenNoise(List.of()), keepAll,
                listener)
                .run(ops, plan.start(ops, image, noise));
            assertEquals(List.of("0/3@400:64", "1/3@200:64", "2/3@0:64"), log);
            assertArrayEquals(ops.download(image), ops.download(end),
                "the hook put the image back after the last step");
            Sampling cancelled = new Sampling(plan, Golden.network(new ArrayList<>()), new GivenNoise(List.of()),
                StepHook.NONE,
                e -> e.index() < 1);
            assertThrows(CancellationException.class, () -> cancelled.run(ops, image));
        }
    }

    @Test
    void rejectsWhatIsNotDefined() {
        assertThrows(IllegalArgumentException.class, () -> Samplers.plan(SD, SamplerOptions.named("euler"), 0));
        assertThrows(IllegalArgumentException.class, () -> Samplers.plan(SD, SamplerOptions.named("euler"), 1001));
        String message = assertThrows(IllegalArgumentException.class,
            () -> Samplers.plan(SD, SamplerOptions.named("ddim karras"), 10)).getMessage();
        assertTrue(message.contains("DDIM"), message);
        assertThrows(IllegalArgumentException.class, () ->
            Samplers.plan(SD.with("thresholding", true), SamplerOptions.named("ddim"), 10));
        assertThrows(IllegalArgumentException.class, () -> Samplers.plan(SD, SamplerOptions.named("lcm"), 51));
        assertFalse(Samplers.plan(SD, SamplerOptions.named("ddim").withSchedule("default"), 10).scaled());
    }
}
