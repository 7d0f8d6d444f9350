package org.daguerre.depth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.daguerre.image.Image;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.ComponentDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DPT-Hybrid outside and inside against the reference; sizes; the channel for the U-Net. */
class DepthTest {
    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void agreesWithTheReference(TestEngine engine) throws Exception {
        ComponentDirectory folder = ComponentDirectory.open(Goldens.model("tiny-dpt-hybrid"));
        double limit = engine.limit(Tolerance.DPT);
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-dpt-hybrid", "components");
             Ops ops = Ops.on(backend);
             Checkpoint file = folder.weights()) {
            Weights weights = Weights.of(file);
            try (DptHybrid net = DptHybrid.load(Ops.on(backend), weights, folder.config())) {
                assertEquals(Set.of(), weights.unused());
                Set<String> seen = new HashSet<>();
                Probe probe = (o, name, value) -> {
                    if (golden.has("dpt/" + name)) {
                        seen.add(name);
                        if (value.shape().rank() == 4) {
                            golden.checkNhwc(o, "dpt/" + name, value, limit);
                        } else {
                            golden.check(o, "dpt/" + name, value, limit);
                        }
                    }
                };
                Tensor x = golden.nhwc(ops, "pixel_values", ops.type());
                golden.check(ops, "dpt/predicted_depth", net.forward(ops, x, probe), limit);
                assertEquals(7, seen.size(), "inner points found: " + seen);
            }
        }
    }

    /** Two pictures in a batch, each as it is alone, on a grid that is not the trained one. */
    @ParameterizedTest
    @MethodSource("engines")
    void worksInBatchesAndOtherSizes(TestEngine engine) throws Exception {
        ComponentDirectory folder = ComponentDirectory.open(Goldens.model("tiny-dpt-hybrid"));
        float[] values = new float[2 * 64 * 96 * 3];
        Random random = new Random(4);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend); Checkpoint file = folder.weights();
             DptHybrid net = DptHybrid.load(Ops.on(backend), Weights.of(file), folder.config())) {
            Tensor x = ops.cast(ops.upload(values, 2, 64, 96, 3), ops.type());
            float[] both = fused(net, ops, x);
            float[] second = fused(net, ops, x.rows(1, 2));
            float[] half = Arrays.copyOfRange(both, both.length / 2, both.length);
            Goldens.close("second picture", second, half, engine.type() == DType.F32 ? 1e-5 : 1e-2);
            Tensor odd = x.reshape(2, 96, 64, 3).rows(0, 1).reshape(1, 48, 128, 3);
            assertThrows(IllegalArgumentException.class, () -> net.forward(ops, odd, Probe.NONE));
        }
    }

    /** The last features before the head: its ReLU makes zeros of noise. */
    private static float[] fused(DptHybrid net, Ops ops, Tensor x) {
        List<float[]> found = new ArrayList<>();
        net.forward(ops, x, (o, name, value) -> {
            if (name.equals("neck.fusion_stage.layers.3")) {
                found.add(o.download(value));
            }
        });
        return found.get(0);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void keepsTheAspect(TestEngine engine) throws Exception {
        ComponentDirectory folder = ComponentDirectory.open(Goldens.model("tiny-dpt-hybrid"));
        try (Backend backend = engine.open(); Checkpoint file = folder.weights();
             DepthEstimator depth = DepthEstimator.load(Ops.on(backend), Weights.of(file), folder.config())) {
            Image wide = depth.estimate(Image.filled(3, 70, 140, 0.5f));
            assertEquals(64, wide.height());
            assertEquals(128, wide.width());
            Image tiny = depth.estimate(Image.filled(1, 4, 5, 0.5f));
            assertEquals(64, tiny.width());
            assertEquals(64, tiny.height());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"depth_ddim_0.8", "depth_euler_0.8"})
    void channelForLatentsAgrees(String run) {
        try (Goldens golden = Goldens.open("tiny-depth", "pipelines")) {
            HostTensor map = golden.get(run + "/depth_map");
            Image depth = Image.of(1, map.shape().dim(1), map.shape().dim(2), map.toFloats());
            golden.check(run + "/latent_depth", DepthEstimator.forLatents(depth, 8, 8).planes(), 1e-5);
        }
    }

    @Test
    void oneDepthIsFarAway() {
        Image flat = Image.filled(1, 16, 16, 3f);
        assertArrayEquals(Image.filled(1, 2, 2, -1f).planes(), DepthEstimator.forLatents(flat, 2, 2).planes());
        assertArrayEquals(new float[] {0, 1, 0.5f},
            DepthEstimator.picture(Image.of(1, 1, 3, new float[] {2, 4, 3})).planes());
    }
}
