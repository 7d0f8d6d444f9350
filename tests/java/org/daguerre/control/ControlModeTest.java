package org.daguerre.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.daguerre.Control;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.image.Image;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.unet.ControlResiduals;
import org.daguerre.unet.StepContext;
import org.daguerre.unet.UNet;
import org.daguerre.unet.UNetConfig;
import org.daguerre.weights.ComponentDirectory;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Guess mode and nets that average over the picture, against the reference's residuals and written-out arithmetic. */
class ControlModeTest {
    private static final int RESIDUALS = 9;

    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    private static ControlNet load(Backend backend, String setting) {
        ComponentDirectory folder = ComponentDirectory.open(Goldens.model("tiny-controlnet"));
        String json = folder.config().toJson().replaceFirst("\\{", "{" + setting);
        try (var file = folder.weights()) {
            return ControlNet.load(Ops.on(backend), Weights.of(file), JsonConfig.parse(folder.path(), json));
        }
    }

    /** A residual of the reference in the first of two rows, times a factor, and zeros in the second. */
    private static Tensor firstRow(Ops ops, Goldens golden, String name, double factor) {
        HostTensor t = golden.get("controlnet/A/t500/" + name);
        float[] v = t.toFloats();
        for (int i = 0; i < v.length; i++) {
            v[i] = i < v.length / 2 ? (float) (v[i] * factor) : 0;
        }
        return ops.toNhwc(ops.upload(v, t.shape()), ops.type());
    }

    /** Guess mode: numpy's logspace(-1, 0, 10) on the row of the positive prompt, nothing on the other. */
    @ParameterizedTest
    @MethodSource("engines")
    void guessModeScalesTheResidualsOfThePositiveRow(TestEngine engine) throws Exception {
        double[] scales = {0.1, 0.129154967, 0.166810054, 0.215443469, 0.278255940, 0.359381366, 0.464158883, 0.599484250,
            0.774263683, 1};
        ModelDirectory directory = ModelDirectory.open(Goldens.model("tiny-sd1"));
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-controlnet", "components");
             Ops ops = Ops.on(backend); ControlNet net = load(backend, "");
             ModelMemory memory = new ModelMemory(Ops.on(backend)); var file = directory.weights("unet")) {
            UNet unet = UNet.load(new Params(Weights.of(file), memory), UNetConfig.of(directory.config("unet")));
            Tensor context = ops.cast(golden.upload(ops, "controlnet/context"), ops.type());
            Tensor x = golden.nhwc(ops, "controlnet/A/sample", ops.type());
            StepContext c = new StepContext(unet.embedTime(ops, ops.upload(new float[] {500}, 1), null, Probe.NONE),
                unet.projectText(ops, context, null), null, Probe.NONE);
            Tensor[] down = new Tensor[RESIDUALS];
            for (int i = 0; i < RESIDUALS; i++) {
                down[i] = firstRow(ops, golden, "down" + i, 5 * scales[i]);
            }
            Tensor middle = firstRow(ops, golden, "mid", 5 * scales[RESIDUALS]);
            float[] expected = ops.download(unet.forward(ops, x, c,
                new ControlResiduals(List.of(ControlResiduals.Net.of(down, middle, 1)))));

            ControlSet set = new ControlSet(ops).add(net, golden.nhwc(ops, "controlnet/A/cond_image", DType.F32).rows(0, 1),
                new ControlSet.Use(5, 0, 1, true, true));
            float[] found = ops.download(unet.forward(ops, x, c, set.residuals(ops, x, 1, 500, context, null, 0)));
            Goldens.close("guess mode", expected, found, engine.limit(Tolerance.UNET));
            float[] plain = ops.download(unet.forward(ops, x, c, null));
            assertTrue(Goldens.relativeL2(plain, found) > 3 * engine.limit(Tolerance.UNET), "the net changes the output");
            assertNull(set.residuals(ops, x, 0, 500, context, null, 0), "no positive row");
        }
    }

    /** "Shuffle" nets say the mean over the picture, and only where the positive prompt is. */
    @ParameterizedTest
    @MethodSource("engines")
    void pooledNetsSayTheMean(TestEngine engine) throws Exception {
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-controlnet", "components");
             Ops ops = Ops.on(backend); ControlNet net = load(backend, "\"global_pool_conditions\": true,")) {
            Tensor context = ops.cast(golden.upload(ops, "controlnet/context"), ops.type());
            Tensor x = golden.nhwc(ops, "controlnet/B/sample", ops.type());
            ControlResiduals said = new ControlSet(ops).add(net, golden.nhwc(ops, "controlnet/B/cond_image", DType.F32),
                new ControlSet.Use(0.5, 0, 1, true, false)).residuals(ops, x, 2, 500, context, null, 0);
            ControlResiduals.Net only = said.nets().get(0);
            for (int i = 0; i <= RESIDUALS; i++) {
                HostTensor t = golden.get("controlnet/B/t500/" + (i < RESIDUALS ? "down" + i : "mid"));
                Tensor residual = i < RESIDUALS ? only.down()[i] : only.middle();
                float[] found = ops.download(ops.toNchw(ops.cast(residual, DType.F32)));
                Goldens.close("residual " + i, means(t), found, engine.limit(Tolerance.CONTROLNET));
                assertEquals(0.5, only.scales()[i]);
            }
        }
    }

    /** Every value [N, C, H, W] replaced by its channel's mean. */
    private static float[] means(HostTensor t) {
        float[] v = t.toFloats();
        int pixels = t.shape().dim(2) * t.shape().dim(3);
        for (int start = 0; start < v.length; start += pixels) {
            double sum = 0;
            for (int i = start; i < start + pixels; i++) {
                sum += v[i];
            }
            Arrays.fill(v, start, start + pixels, (float) (sum / pixels));
        }
        return v;
    }

    /**
     * One step of DDIM is linear in the guided output u + s (c - u). So the latents after a step in mode CONTROL follow from those of two
     * other runs: the negative prompt alone without a net, and the positive one alone with the softened net.
     */
    @Test
    void controlModeGuidesFromAnUncontrolledNegative() {
        float[] planes = new float[3 * 64 * 64];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = i % 64 < 20 ? 1 : 0;
        }
        Control control = new Control(Goldens.model("tiny-controlnet"), Image.of(3, 64, 64, planes), 5, 0, 1, Control.Mode.CONTROL);
        try (Daguerre sd = Daguerre.builder().model(Goldens.model("tiny-sd1")).device("java").open()) {
            Request.Builder b = Request.builder("a red cat").negative("blurry").size(64, 64).steps(1).sampler("ddim").seed(4);
            float[] u = latents(sd, b.guidanceScale(0));
            float[] c = latents(sd, b.guidanceScale(1)
                .control(new Control(control.model(), control.image(), 5, 0, 1, Control.Mode.PROMPT)));
            float[] bare = latents(sd, Request.builder("a red cat").size(64, 64).steps(1).sampler("ddim").seed(4).guidanceScale(1));
            float[] guided = latents(sd, Request.builder("a red cat").negative("blurry").size(64, 64).steps(1).sampler("ddim").seed(4)
                .guidanceScale(5).control(control));
            float[] expected = new float[u.length];
            for (int i = 0; i < u.length; i++) {
                expected[i] = u[i] + 5 * (c[i] - u[i]);
            }
            Goldens.close("guess mode in a request", expected, guided, 1e-4);
            assertTrue(Goldens.relativeL2(bare, c) > 1e-3, "the net changes the latents");
        }
    }

    private static float[] latents(Daguerre sd, Request.Builder b) {
        Map<String, HostTensor> trace = new HashMap<>();
        sd.generate(b.trace(t -> trace.put(t.name(), t)).build());
        return trace.get("latents").toFloats();
    }
}
