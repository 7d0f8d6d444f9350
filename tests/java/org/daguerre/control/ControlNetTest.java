package org.daguerre.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
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
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tiny ControlNet alone, in the U-Net of tiny-sd1, and several at once. */
class ControlNetTest {
    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    private static ControlNet load(Backend backend) {
        ComponentDirectory folder = ComponentDirectory.open(Goldens.model("tiny-controlnet"));
        try (var file = folder.weights()) {
            Weights weights = Weights.of(file);
            ControlNet net = ControlNet.load(Ops.on(backend), weights, folder.config());
            assertEquals(Set.of(), weights.unused());
            return net;
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void agreesWithTheReference(TestEngine engine) throws Exception {
        ModelDirectory directory = ModelDirectory.open(Goldens.model("tiny-sd1"));
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-controlnet", "components");
             Ops ops = Ops.on(backend); ControlNet net = load(backend);
             ModelMemory memory = new ModelMemory(Ops.on(backend)); var file = directory.weights("unet")) {
            UNet unet = UNet.load(new Params(Weights.of(file), memory), UNetConfig.of(directory.config("unet")));
            Tensor context = ops.cast(golden.upload(ops, "controlnet/context"), ops.type());
            Tensor t = ops.upload(new float[] {500}, 1);
            StepContext mine = new StepContext(net.embedTime(ops, t, null), net.projectText(ops, context), null,
                Probe.NONE);
            StepContext its = new StepContext(unet.embedTime(ops, t, null, Probe.NONE),
                unet.projectText(ops, context, null), null, Probe.NONE);
            for (String size : List.of("A", "B")) {
                String run = "controlnet/" + size + "/";
                Tensor x = golden.nhwc(ops, run + "sample", ops.type());
                Tensor hint = net.embedHint(ops, golden.nhwc(ops, run + "cond_image", DType.F32));
                double limit = engine.limit(Tolerance.CONTROLNET);
                golden.checkNhwc(ops, run + "t500/cond_embedding", hint, limit);
                ControlResiduals.Net said = net.forward(ops, x, hint, mine, 0.8);
                assertEquals(9, said.down().length);
                for (int i = 0; i < 9; i++) {
                    golden.checkNhwc(ops, run + "t500/down" + i, said.down()[i], limit);
                }
                golden.checkNhwc(ops, run + "t500/mid", said.middle(), limit);
                Tensor y = unet.forward(ops, x, its, new ControlResiduals(List.of(said)));
                golden.checkNhwc(ops, "controlled_unet/" + size + "/t500_scale0.8/out", y,
                    engine.limit(Tolerance.UNET));
            }
        }
    }

    /** Nine nets whose scales sum to 0.8 are one net of 0.8; one that has ended adds nothing. */
    @ParameterizedTest
    @MethodSource("engines")
    void sumsSeveralNets(TestEngine engine) throws Exception {
        ModelDirectory directory = ModelDirectory.open(Goldens.model("tiny-sd1"));
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-controlnet", "components");
             Ops ops = Ops.on(backend); ControlNet net = load(backend);
             ModelMemory memory = new ModelMemory(Ops.on(backend)); var file = directory.weights("unet")) {
            UNet unet = UNet.load(new Params(Weights.of(file), memory), UNetConfig.of(directory.config("unet")));
            Tensor context = ops.cast(golden.upload(ops, "controlnet/context"), ops.type());
            Tensor image = golden.nhwc(ops, "controlnet/A/cond_image", DType.F32);
            Tensor x = golden.nhwc(ops, "controlnet/A/sample", ops.type());
            ControlSet set = new ControlSet(ops);
            for (int i = 0; i < 9; i++) {
                set.add(net, image, new ControlSet.Use(i == 0 ? 0.4 : 0.05, 0, 0.5, false, false));
            }
            set.add(net, image, new ControlSet.Use(3, 0, 0.2, false, false));
            assertNull(set.residuals(ops, x, 2, 500, context, null, 0.5));
            StepContext its = new StepContext(unet.embedTime(ops, ops.upload(new float[] {500}, 1), null, Probe.NONE),
                unet.projectText(ops, context, null), null, Probe.NONE);
            Tensor y = unet.forward(ops, x, its, set.residuals(ops, x, 2, 500, context, null, 0.25));
            golden.checkNhwc(ops, "controlled_unet/A/t500_scale0.8/out", y, engine.limit(Tolerance.UNET));
        }
    }

    /** One picture for a batch gives what the same picture given once per row gives. */
    @ParameterizedTest
    @MethodSource("engines")
    void repeatsThePicturePerRow(TestEngine engine) throws Exception {
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-controlnet", "components");
             Ops ops = Ops.on(backend); ControlNet net = load(backend)) {
            Tensor context = ops.cast(golden.upload(ops, "controlnet/context"), ops.type());
            Tensor image = golden.nhwc(ops, "controlnet/A/cond_image", DType.F32).rows(1, 2);
            Tensor x = golden.nhwc(ops, "controlnet/A/sample", ops.type());
            ControlResiduals both = new ControlSet(ops).add(net, image, new ControlSet.Use(1, 0, 1, false, false))
                .residuals(ops, x, 2, 500, context, null, 0);
            float[] expected = golden.floats("controlnet/A/t500/mid");
            float[] second = Arrays.copyOfRange(expected, expected.length / 2, expected.length);
            try (Ops inner = ops.child()) {
                Tensor own = both.nets().get(0).middle().rows(1, 2);
                float[] actual = inner.download(inner.toNchw(inner.cast(own, DType.F32)));
                Goldens.close("mid of row 1", second, actual, engine.limit(Tolerance.CONTROLNET));
            }
        }
    }
}
