package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.diffusion.Spacing;
import org.daguerre.diffusion.random.Rng;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.image.Image;
import org.daguerre.image.Images;
import org.daguerre.image.Metrics;
import org.daguerre.image.ParametersText;
import org.daguerre.image.ValueRange;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The built-in model: reference trajectories, pictures that show what was asked for, and the same picture on every engine. */
class DemoModelTest {
    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    private static Daguerre open(TestEngine engine) {
        return Daguerre.builder().device(engine.engine()).precision(engine.type().name()).open();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void followsTheReferenceStepByStep(TestEngine engine) {
        JsonNode info = Goldens.json(Goldens.ROOT.resolve("demo-model/golden.json"));
        int runs = 0;
        try (Daguerre sd = open(engine); Goldens golden = Goldens.open(Goldens.ROOT.resolve("demo-model/golden.safetensors"))) {
            // Emulation takes about 20 s a run: one prompt is enough there.
            int prompts = engine.engine().equals("emulated") ? 1 : info.get("prompts").size();
            for (int i = 0; i < prompts; i++) {
                for (String sampler : List.of("ddim", "euler")) {
                    Map<String, HostTensor> trace = new HashMap<>();
                    Result result = sd.generate(request(info.get("prompts").get(i), sampler).trace(t -> trace.put(t.name(), t)).build());
                    String name = i + "." + sampler;
                    golden.check(name + ".steps", trace.get("latents").toFloats(), engine.limit(Tolerance.PIPELINE));
                    golden.check(i + ".hidden", trace.get("context").toFloats(), engine.limit(Tolerance.TEXT));
                    double psnr = Metrics.psnr(picture(golden, name + ".image"), result.picture().pixels());
                    assertTrue(psnr >= (engine.type() == DType.BF16 ? 28 : 38), name + ": PSNR " + psnr);
                    runs++;
                }
            }
        }
        assertTrue(runs >= 2);
    }

    /** The seed alone reproduces the reference's noise, since it was drawn with PyTorch's CPU generator. */
    private static Request.Builder request(JsonNode prompt, String sampler) {
        SamplerOptions options = SamplerOptions.named(sampler).withSpacing(Spacing.LEADING);
        return Request.builder(prompt.get("prompt").textValue()).negative("").seed(prompt.get("seed").longValue()).rng(Rng.MT19937)
            .steps(10).guidanceScale(6).sampling(options);
    }

    private static Image picture(Goldens golden, String name) {
        float[] v = golden.floats8(name);
        for (int i = 0; i < v.length; i++) {
            v[i] /= 255;
        }
        return Images.fromNhwc(v, 0, 3, 128, 128, ValueRange.UNIT);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void drawsWhatItIsAsked(TestEngine engine) {
        if (engine.engine().equals("emulated") && engine.type() == DType.BF16) {
            return; // the f16 emulation shows the same kernels; a second run costs 20 s
        }
        try (Daguerre sd = open(engine)) {
            Image p = sd.generate(Request.builder("a blue square on a yellow background").seed(2).steps(10).guidanceScale(6).sampler("ddim")
                .build()).picture().pixels();
            float[] middle = {p.at(0, 64, 64), p.at(1, 64, 64), p.at(2, 64, 64)};
            float[] corner = {p.at(0, 6, 6), p.at(1, 6, 6), p.at(2, 6, 6)};
            assertTrue(middle[2] > 0.5 && middle[0] < 0.45, "blue in the middle: " + middle[0] + ", " + middle[1] + ", " + middle[2]);
            assertTrue(corner[0] > 0.6 && corner[1] > 0.5 && corner[2] < 0.45, "yellow: " + corner[0] + ", " + corner[1] + ", " + corner[2]);
        }
    }

    @Test
    void everyEngineDrawsTheSamePicture() {
        Request request = Request.builder("a red circle").seed(1).steps(10).guidanceScale(6).sampler("ddim").build();
        Image reference = null;
        int compared = 0;
        for (TestEngine engine : engines()) {
            if (engine.type() != DType.BF16) {
                try (Daguerre sd = open(engine)) {
                    Image picture = sd.generate(request).picture().pixels();
                    reference = reference == null ? picture : reference;
                    double psnr = Metrics.psnr(reference, picture);
                    assertTrue(psnr >= 35, engine + ": PSNR " + psnr);
                    compared++;
                }
            }
        }
        assertTrue(compared >= 1);
    }

    @Test
    void keepsTheStartPictureAtLowStrengthAndFollowsThePromptAtHigh() {
        float[] planes = new float[3 * 128 * 128];
        Arrays.fill(planes, 1);
        for (int y = 16; y < 60; y++) {
            for (int x = 16; x < 60; x++) {
                planes[2 * 16384 + y * 128 + x] = 0.1f;
                planes[16384 + y * 128 + x] = 0.1f;
            }
        }
        Image square = Image.of(3, 128, 128, planes);
        try (Daguerre sd = Daguerre.builder().device("auto").open()) {
            Request.Builder b = Request.builder("a red square").seed(3).steps(20).guidanceScale(6).sampler("ddim").image(square);
            Image kept = sd.generate(b.strength(0.3).build()).picture().pixels();
            assertTrue(kept.at(0, 38, 38) > kept.at(2, 38, 38) + 0.3, "red where it was drawn");
            assertTrue(kept.at(2, 100, 100) > 0.8, "white elsewhere: " + kept.at(2, 100, 100));
            Image followed = sd.generate(b.prompt("a blue circle").strength(0.9).build()).picture().pixels();
            assertTrue(followed.at(2, 64, 64) > followed.at(0, 64, 64) + 0.3, "blue in the middle: " + followed.at(0, 64, 64) + " "
                + followed.at(2, 64, 64));
        }
    }

    @Test
    void inpaintingLeavesUnmaskedPixelsUntouched() {
        Image white = Image.filled(3, 128, 128, 0.8f);
        float[] mask = new float[128 * 128];
        for (int y = 32; y < 96; y++) {
            Arrays.fill(mask, y * 128 + 32, y * 128 + 96, 1);
        }
        try (Daguerre sd = Daguerre.builder().device("auto").open()) {
            Request request = Request.builder("a red circle").seed(3).steps(15).guidanceScale(6).image(white).strength(1)
                .mask(Image.of(1, 128, 128, mask)).build();
            for (Request r : List.of(request, request.toBuilder().onlyMasked(8).build())) {
                Image out = sd.generate(r).picture().pixels();
                double changed = 0;
                for (int i = 0; i < mask.length; i++) {
                    float difference = Math.abs(out.planes()[i] - 0.8f);
                    changed += mask[i] > 0 ? difference : 0;
                    assertEquals(mask[i] > 0 ? difference : 0f, difference, "pixel " + i + " is not masked");
                }
                assertTrue(changed > 10, "the masked part was repainted: " + changed);
            }
        }
    }

    @Test
    void parametersOfAPictureAreItsSettings() {
        try (Daguerre sd = Daguerre.builder().device("auto").open()) {
            String text = sd.generate(Request.builder("a red circle").seed(5).steps(2).sampler("euler a").build()).picture().parameters();
            var read = ParametersText.parse(text);
            assertEquals("a red circle", read.prompt());
            assertEquals(Optional.empty(), read.negative());
            assertEquals("5", read.settings().get("Seed"));
            assertEquals("euler a", read.settings().get("Sampler"));
            assertEquals("128x128", read.settings().get("Size"));
        }
    }
}
