package org.daguerre.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.daguerre.Control;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.image.Image;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.unet.ControlResiduals;
import org.daguerre.unet.StepContext;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.ComponentDirectory;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.SafetensorsWriter;
import org.daguerre.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A ControlNet for SDXL as it is before training: a copy of tiny-sdxl's way down and middle, whose 1x1 convolutions at the ends are
 * set to one instead of zero. What it says is then what the reference recorded inside the U-Net.
 */
class SdxlControlNetTest {
    private static final ModelDirectory MODEL = ModelDirectory.open(Goldens.model("tiny-sdxl"));
    private static final int[] WIDTHS = {32, 32, 32, 32, 32, 40, 40};

    @TempDir
    Path folder;

    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    private static HostTensor random(String name, double size, int... dims) {
        Random random = new Random(name.hashCode());
        float[] v = new float[Math.toIntExact(Shape.of(dims).count())];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) (size * random.nextGaussian());
        }
        return HostTensor.of(name, Shape.of(dims), v);
    }

    /** @param hint size of the weights behind the picture's features, 0 for a net that does not see it */
    private ComponentDirectory net(double hint) throws Exception {
        List<HostTensor> tensors = new ArrayList<>();
        int halvings = MODEL.config("vae").getInts("block_out_channels").length - 1;
        StringBuilder channels = new StringBuilder("8");
        try (Checkpoint unet = MODEL.weights("unet")) {
            unet.names().stream().filter(n -> n.matches("(conv_in|time_embedding|add_embedding|down_blocks|mid_block)\\..*"))
                .forEach(n -> tensors.add(unet.tensor(n)));
            for (int i = 0; i < WIDTHS.length; i++) {
                String name = i == WIDTHS.length - 1 ? "controlnet_mid_block" : "controlnet_down_blocks." + i;
                float[] identity = new float[WIDTHS[i] * WIDTHS[i]];
                for (int c = 0; c < WIDTHS[i]; c++) {
                    identity[c * WIDTHS[i] + c] = 1;
                }
                tensors.add(HostTensor.of(name + ".weight", Shape.of(WIDTHS[i], WIDTHS[i], 1, 1), identity));
                tensors.add(random(name + ".bias", 0, WIDTHS[i]));
            }
            String embedding = "controlnet_cond_embedding.";
            tensors.add(random(embedding + "conv_in.weight", 0.3, 8, 3, 3, 3));
            tensors.add(random(embedding + "conv_in.bias", 0.3, 8));
            for (int i = 0; i < 2 * halvings; i++) {
                tensors.add(random(embedding + "blocks." + i + ".weight", 0.2, 8, 8, 3, 3));
                tensors.add(random(embedding + "blocks." + i + ".bias", 0.2, 8));
            }
            tensors.add(random(embedding + "conv_out.weight", hint, 32, 8, 3, 3));
            tensors.add(random(embedding + "conv_out.bias", hint, 32));
            SafetensorsWriter.write(folder.resolve("diffusion_pytorch_model.safetensors"), tensors, Map.of());
        }
        channels.append(", 8".repeat(halvings));
        Files.writeString(folder.resolve("config.json"), MODEL.config("unet").toJson().replaceFirst("\\{",
            "{\"conditioning_embedding_out_channels\": [" + channels + "],"));
        return ComponentDirectory.open(folder);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void saysWhatTheUNetHasInside(TestEngine engine) throws Exception {
        ComponentDirectory directory = net(0);
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-sdxl", "components"); Ops ops = Ops.on(backend);
             Checkpoint file = directory.weights()) {
            Weights weights = Weights.of(file);
            try (ControlNet net = ControlNet.load(Ops.on(backend), weights, directory.config())) {
                assertEquals(Set.of(), weights.unused());
                Tensor context = ops.cast(golden.upload(ops, "unet/context"), ops.type());
                Tensor ids = golden.upload(ops, "unet/time_ids");
                Tensor sizes = ops.timestepEmbedding(ids.reshape((int) ids.count()), net.config().addedTimeDim()).reshape(2, -1);
                Tensor added = ops.concat(ops.cast(golden.upload(ops, "unet/text_embeds"), ops.type()), sizes);
                Tensor hint = net.embedHint(ops, ops.upload(new float[2 * 3 * 64 * net.factor() * net.factor()], 2,
                    8 * net.factor(), 8 * net.factor(), 3));
                StepContext c = new StepContext(net.embedTime(ops, ops.upload(new float[] {500}, 1), added),
                    net.projectText(ops, context), null, Probe.NONE);
                ControlResiduals.Net said = net.forward(ops, golden.nhwc(ops, "unet/A/sample", ops.type()), hint, c, 1);
                List<String> inside = List.of("conv_in", "down_blocks.0.resnets.0", "down_blocks.0", "down_blocks.1.attentions.0",
                    "down_blocks.1", "down_blocks.2", "mid_block");
                for (int i = 0; i < inside.size(); i++) {
                    golden.checkNhwc(ops, "unet/A/t500/inter/" + inside.get(i), i < 6 ? said.down()[i] : said.middle(),
                        engine.limit(Tolerance.UNET_INNER));
                }
            }
        }
    }

    /** One step of DDIM is linear in the guided output, so guess mode follows from two other runs; see ControlModeTest. */
    @Test
    void worksInRequests() throws Exception {
        Path net = net(0.3).path();
        Image image = Image.of(3, 32, 32, random("picture", 0.3, 3 * 32 * 32).toFloats());
        try (Daguerre sd = Daguerre.builder().model(MODEL.path()).device("java").open()) {
            float[] bare = latents(sd, 1);
            assertArrayEquals(bare, latents(sd, 1, new Control(net, image, 0)));
            float[] negative = latents(sd, 0);
            float[] positive = latents(sd, 1, new Control(net, image, 1, 0, 1, Control.Mode.PROMPT));
            assertTrue(Goldens.relativeL2(bare, positive) > 1e-3, "the net changes the latents");
            float[] expected = new float[bare.length];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = negative[i] + 3 * (positive[i] - negative[i]);
            }
            Goldens.close("guess mode", expected, latents(sd, 3, new Control(net, image, 1, 0, 1, Control.Mode.CONTROL)), 1e-4);
        }
    }

    private static float[] latents(Daguerre sd, double guidance, Control... controls) {
        Map<String, HostTensor> trace = new HashMap<>();
        Request.Builder b = Request.builder("a red cat").negative("blurry").size(32, 32).steps(1).sampler("ddim").seed(4)
            .guidanceScale(guidance).trace(t -> trace.put(t.name(), t));
        List.of(controls).forEach(b::control);
        sd.generate(b.build());
        return trace.get("latents").toFloats();
    }
}
