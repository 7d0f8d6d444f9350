package org.daguerre.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.HostTensor;
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

/** Every family's tiny U-Net at every given timestep and size, and inside, against the reference implementation. */
class UNetTest {
    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine engine : TestEngine.all()) {
            for (String model : List.of("tiny-sd1", "tiny-sd2v", "tiny-sdxl", "tiny-sdxl-refiner", "tiny-inpaint", "tiny-depth")) {
                all.add(Arguments.of(engine, model));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, String model) throws Exception {
        ModelDirectory directory = ModelDirectory.open(Goldens.model(model));
        try (Backend backend = engine.open(); Goldens golden = Goldens.open(model, "components"); Ops ops = Ops.on(backend);
             ModelMemory memory = new ModelMemory(Ops.on(backend)); var file = directory.weights("unet")) {
            Weights weights = Weights.of(file);
            UNet unet = UNet.load(new Params(weights, memory), UNetConfig.of(directory.config("unet")));
            assertEquals(Set.of(), weights.unused());
            Tensor context = ops.cast(golden.upload(ops, "unet/context"), ops.type());
            Tensor added = golden.has("unet/time_ids") ? added(ops, golden, unet.config()) : null;
            Tensor[] text = unet.projectText(ops, context, null);
            Set<String> inner = new HashSet<>();
            int outputs = 0;
            for (String size : List.of("A", "B", "odd")) {
                for (String t : List.of("999", "500", "1", "123.25")) {
                    String run = "unet/" + size + "/t" + t;
                    if (golden.has(run + "/out")) {
                        Probe probe = (o, name, value) -> checkInner(engine, golden, o, run + "/inter/", name, value, inner);
                        try (Ops child = ops.child()) {
                            Tensor time = child.upload(new float[] {Float.parseFloat(t)}, 1);
                            StepContext c = new StepContext(unet.embedTime(child, time, added, probe), text, null, probe);
                            Tensor x = golden.nhwc(child, "unet/" + size + "/sample", child.type());
                            Tensor y = unet.forward(child, x, c, null);
                            golden.checkNhwc(child, run + "/out", y, engine.limit(Tolerance.UNET));
                            outputs++;
                        }
                    }
                }
            }
            assertTrue(outputs >= 5, "runs found: " + outputs);
            assertTrue(inner.size() >= (golden.has("unet/A/t500/inter/conv_in") ? 10 : 0), "inner points found: " + inner);
        }
    }

    private static void checkInner(TestEngine engine, Goldens golden, Ops ops, String run, String name, Tensor value, Set<String> seen) {
        if (golden.has(run + name)) {
            double limit = engine.limit(Tolerance.UNET_INNER);
            HostTensor expected = golden.get(run + name);
            if (value.shape().rank() == 4) {
                golden.checkNhwc(ops, run + name, value, limit);
            } else if (expected.shape().rank() == 4) {
                golden.checkNhwc(ops, run + name, value.reshape(value.dim(0), expected.shape().dim(2), expected.shape().dim(3), -1), limit);
            } else {
                float[] actual = ops.download(value);
                if (expected.shape().count() == 2L * actual.length) {
                    actual = twice(actual);
                }
                golden.check(run + name, actual, limit);
            }
            seen.add(name);
        }
    }

    /** One row for both pictures of the batch, as the time embedding of one timestep is. */
    private static float[] twice(float[] row) {
        float[] both = new float[2 * row.length];
        System.arraycopy(row, 0, both, 0, row.length);
        System.arraycopy(row, 0, both, row.length, row.length);
        return both;
    }

    private static Tensor added(Ops ops, Goldens golden, UNetConfig config) {
        Tensor pooled = ops.cast(golden.upload(ops, "unet/text_embeds"), ops.type());
        Tensor ids = golden.upload(ops, "unet/time_ids");
        Tensor sizes = ops.timestepEmbedding(ids.reshape((int) ids.count()), config.addedTimeDim()).reshape(pooled.dim(0), -1);
        return ops.concat(pooled, sizes);
    }
}
