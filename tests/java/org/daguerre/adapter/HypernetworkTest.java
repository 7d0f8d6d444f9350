package org.daguerre.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.MapCheckpoint;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.unet.ContextTransform;
import org.daguerre.unet.StepContext;
import org.daguerre.unet.UNet;
import org.daguerre.unet.UNetConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Hypernetworks alone and in the U-Net of tiny-sd1, and their activations against formulas. */
class HypernetworkTest {
    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine e : TestEngine.all()) {
            all.add(Arguments.of(e, "hypernetwork_a", "hypernetwork_a"));
            all.add(Arguments.of(e, "hypernetwork_a_old", "hypernetwork_a"));
            all.add(Arguments.of(e, "hypernetwork_b", "hypernetwork_b"));
        }
        return all.stream();
    }

    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    private static Hypernetwork load(Backend backend, String file) {
        try (Checkpoint checkpoint = Checkpoints.open(Goldens.ROOT.resolve("adapters").resolve(file + ".pt"))) {
            return Hypernetwork.load(Ops.on(backend), checkpoint);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, String file, String run) throws Exception {
        ModelDirectory directory = ModelDirectory.open(Goldens.model("tiny-sd1"));
        double strength = Goldens.meta("tiny-sd1").get("hypernetworks").get(run).get("strength").doubleValue();
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-sd1", "components");
             Ops ops = Ops.on(backend);
             Hypernetwork hyper = load(backend, file); ModelMemory memory = new ModelMemory(Ops.on(backend));
             var weights = directory.weights("unet")) {
            assertEquals(Set.of(32, 48, 64), hyper.widths());
            ContextTransform transform = hyper.transform(strength);
            Tensor x = ops.cast(golden.upload(ops, run + "/module_in"), ops.type());
            golden.check(ops, run + "/module_k_out", transform.forKeys(ops, x), engine.limit(Tolerance.TEXT));
            UNet unet = UNet.load(new Params(Weights.of(weights), memory), UNetConfig.of(directory.config("unet")));
            Tensor time = unet.embedTime(ops, ops.upload(new float[] {500}, 1), null, Probe.NONE);
            Tensor context = ops.cast(golden.upload(ops, "unet/context"), ops.type());
            StepContext c = new StepContext(time, unet.projectText(ops, context, transform), transform, Probe.NONE);
            Tensor y = unet.forward(ops, golden.nhwc(ops, "unet/A/sample", ops.type()), c, null);
            golden.checkNhwc(ops, run + "/unet/A/t500/out", y, engine.limit(Tolerance.UNET));
        }
    }

    private static double expM1(double x) {
        return Math.expm1(Math.min(0, x));
    }

    private static DoubleUnaryOperator formula(String name) {
        return switch (name) {
            case "relu6" -> x -> Math.min(6, Math.max(0, x));
            case "hardtanh" -> x -> Math.min(1, Math.max(-1, x));
            case "hardsigmoid" -> x -> Math.min(6, Math.max(0, x + 3)) / 6;
            case "swish" -> x -> x * Math.min(6, Math.max(0, x + 3)) / 6;
            case "selu" -> x -> 1.0507009873554805 * (Math.max(0, x) + 1.6732632423543772 * expM1(x));
            case "elu" -> x -> Math.max(0, x) + expM1(x);
            case "leakyrelu" -> x -> x < 0 ? 0.01 * x : x;
            case "logsigmoid" -> x -> -Math.log1p(Math.exp(-x));
            case "tanhshrink" -> x -> x - Math.tanh(x);
            case "softplus" -> x -> Math.log1p(Math.exp(x));
            case "mish" -> x -> x * Math.tanh(Math.log1p(Math.exp(x)));
            default -> throw new IllegalArgumentException(name);
        };
    }

    @ParameterizedTest
    @MethodSource("engines")
    void activationsAreTheirFormulas(TestEngine engine) throws Exception {
        float[] values = new float[64];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i - 32) / 4f;
        }
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            Tensor x = ops.cast(ops.upload(values, 1, 4, 16), ops.type());
            for (String name : List.of("relu6", "hardtanh", "hardsigmoid", "swish", "selu", "elu", "leakyrelu",
                "logsigmoid", "tanhshrink",
                "softplus", "mish")) {
                float[] expected = new float[values.length];
                for (int i = 0; i < values.length; i++) {
                    expected[i] = (float) formula(name).applyAsDouble(values[i]);
                }
                float[] actual = ops.download(HypernetworkActivation.of(name).apply(ops, x));
                Goldens.close(name, expected, actual, engine.type() == DType.F32 ? 1e-5 : 2e-2);
            }
        }
    }

    /** One width, weights that add 1 after a relu: what the missing key activate_output means shows in the sign. */
    @ParameterizedTest
    @MethodSource("engines")
    void activatesItsOutputUnlessToldOtherwise(TestEngine engine) throws Exception {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            Tensor x = ops.cast(ops.upload(new float[] {1, -1}, 1, 1, 2), ops.type());
            MapCheckpoint file = new MapCheckpoint().withMetadata("activation_func", "relu");
            for (String module : List.of("2.0.linear.0", "2.1.linear.0")) {
                file.with(module + ".weight", new float[] {1, 0, 0, 1}, 2, 2).with(module + ".bias", new float[2], 2);
            }
            try (Hypernetwork hyper = Hypernetwork.load(Ops.on(backend), file)) {
                Goldens.close("active", new float[] {2, -1}, ops.download(hyper.transform(1).forKeys(ops, x)), 1e-6);
            }
            file.withMetadata("activate_output", "false");
            try (Hypernetwork hyper = Hypernetwork.load(Ops.on(backend), file)) {
                Goldens.close("plain", new float[] {1.5f, -1.5f}, ops.download(hyper.transform(0.5).forValues(ops, x)),
                    1e-6);
            }
            file.withMetadata("activation_func", "prelu");
            var e = assertThrows(CheckpointException.class, () -> Hypernetwork.load(Ops.on(backend), file));
            assertTrue(e.getMessage().contains("prelu"), e.getMessage());
        }
    }
}
