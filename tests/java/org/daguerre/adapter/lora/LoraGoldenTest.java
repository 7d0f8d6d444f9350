package org.daguerre.adapter.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import org.daguerre.text.TextEncoder;
import org.daguerre.text.TextEncoderConfig;
import org.daguerre.unet.StepContext;
import org.daguerre.unet.UNet;
import org.daguerre.unet.UNetConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same LoRA from two trainers in two models: merged weights, the U-Net's output, and the way back. */
class LoraGoldenTest {
    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine engine : TestEngine.all()) {
            for (String kind : List.of("kohya", "peft")) {
                all.add(Arguments.of(engine, "tiny-sd1", "lora_sd1_" + kind));
                all.add(Arguments.of(engine, "tiny-sdxl", "lora_sdxl_" + kind));
            }
        }
        return all.stream();
    }

    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    private static Lora lora(String name) {
        try (Checkpoint file = Checkpoints.open(Goldens.ROOT.resolve("adapters").resolve(name + ".safetensors"))) {
            return Lora.read(file);
        }
    }

    /** U-Net and text encoders of a model, with the inputs of the golden run. */
    private static final class Loaded implements AutoCloseable {
        private final Goldens golden;
        private final Ops ops;
        private final ModelMemory memory;
        private final UNet unet;
        private final Weights weights;
        private final List<TextEncoder> texts = new ArrayList<>();

        Loaded(Backend backend, String model) {
            ModelDirectory directory = ModelDirectory.open(Goldens.model(model));
            golden = Goldens.open(model, "components");
            ops = Ops.on(backend);
            memory = new ModelMemory(Ops.on(backend));
            weights = Weights.of(directory.weights("unet"));
            unet = UNet.load(new Params(weights, memory), UNetConfig.of(directory.config("unet")));
            for (String text : List.of("text_encoder", "text_encoder_2")) {
                if (directory.has(text)) {
                    texts.add(TextEncoder.load(Ops.on(backend), Weights.of(directory.weights(text)),
                        TextEncoderConfig.of(directory.config(text))));
                }
            }
        }

        LoraMerger merger() {
            return new LoraMerger(memory, texts.get(0).memory(), texts.size() < 2 ? null : texts.get(1).memory());
        }

        Tensor run(Ops o) {
            Tensor context = o.cast(golden.upload(o, "unet/context"), o.type());
            Tensor added = null;
            if (golden.has("unet/time_ids")) {
                Tensor ids = golden.upload(o, "unet/time_ids");
                Tensor sizes = o.timestepEmbedding(ids.reshape(-1), unet.config().addedTimeDim());
                added = o.concat(o.cast(golden.upload(o, "unet/text_embeds"), o.type()),
                    sizes.reshape(context.dim(0), -1));
            }
            Tensor time = unet.embedTime(o, o.upload(new float[] {500}, 1), added, Probe.NONE);
            StepContext c = new StepContext(time, unet.projectText(o, context, null), null, Probe.NONE);
            return unet.forward(o, golden.nhwc(o, "unet/A/sample", o.type()), c, null);
        }

        /** What the networks say, bit by bit. */
        float[] outputs() {
            try (Ops o = ops.child()) {
                List<float[]> all = new ArrayList<>(List.of(o.download(run(o))));
                for (TextEncoder text : texts) {
                    all.add(o.download(text.encode(o, new int[][] {{1, 2, 3}}, 0, true, null, Probe.NONE).hidden()));
                }
                float[] joined = new float[all.stream().mapToInt(a -> a.length).sum()];
                int at = 0;
                for (float[] a : all) {
                    System.arraycopy(a, 0, joined, at, a.length);
                    at += a.length;
                }
                return joined;
            }
        }

        @Override
        public void close() {
            texts.forEach(TextEncoder::close);
            memory.close();
            ops.close();
            golden.close();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, String model, String file) throws Exception {
        try (Backend backend = engine.open(); Loaded loaded = new Loaded(backend, model); Ops ops = Ops.on(backend)) {
            Lora lora = lora(file);
            var meta = Goldens.meta(model).get("lora");
            assertEquals(meta.get("modules").intValue(), lora.size());
            float[] before = loaded.outputs();
            LoraMerger merger = loaded.merger();
            assertEquals(List.of(), merger.apply(List.of(new LoraUse(lora, 0.7, 0.7))));
            loaded.golden.checkNhwc(ops, "lora0.7/unet/A/t500/out", loaded.run(ops), engine.limit(Tolerance.UNET));
            merger.apply(List.of());
            assertArrayEquals(before, loaded.outputs());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mergedWeightAgrees(TestEngine engine, String model, String file) throws Exception {
        try (Backend backend = engine.open(); Loaded loaded = new Loaded(backend, model)) {
            String module = model.equals("tiny-sd1") ? "down_blocks.0.attentions.0.proj_in"
                : "down_blocks.1.attentions.0.proj_in";
            ModuleNames names = new ModuleNames(loaded.memory.modules(), Set.of(), Set.of());
            Merge merge = new Merge();
            lora(file).deltas().forEach((stem, delta) -> {
                if (names.find(stem).equals(Optional.of(new ModuleNames.Target(ModuleNames.Network.UNET, module)))) {
                    merge.add(delta, 0.7);
                }
            });
            HostTensor merged = merge.apply(loaded.weights.tensor(module + ".weight"));
            loaded.golden.check("lora0.7/merged/unet/" + module + ".weight", merged.toFloats(), 1e-6);
        }
    }

    /** 0.7 in one piece, and as two LoRAs at once; a text weight of 0 leaves the text encoders alone. */
    @ParameterizedTest
    @MethodSource("engines")
    void severalAddUp(TestEngine engine) throws Exception {
        try (Backend backend = engine.open(); Loaded loaded = new Loaded(backend, "tiny-sd1");
             Ops ops = Ops.on(backend)) {
            int[][] ids = {{1, 2, 3}};
            float[] text = ops.download(loaded.texts.get(0).encode(ops, ids, 0, true, null, Probe.NONE).hidden());
            LoraMerger merger = loaded.merger();
            merger.apply(List.of(new LoraUse(lora("lora_sd1_kohya"), 1, 0),
                new LoraUse(lora("lora_sd1_peft"), -0.3, 0)));
            loaded.golden.checkNhwc(ops, "lora0.7/unet/A/t500/out", loaded.run(ops), engine.limit(Tolerance.UNET));
            assertArrayEquals(text,
                ops.download(loaded.texts.get(0).encode(ops, ids, 0, true, null, Probe.NONE).hidden()));
            merger.apply(List.of(new LoraUse(lora("lora_sd1_peft"), 0, 0.5)));
            float[] changed = ops.download(loaded.texts.get(0).encode(ops, ids, 0, true, null, Probe.NONE).hidden());
            assertTrue(Goldens.relativeL2(text, changed) > 1e-3, "the text encoder has not changed");
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void manyChangesLeaveNothingBehind(TestEngine engine) throws Exception {
        try (Backend backend = engine.open(); Loaded loaded = new Loaded(backend, "tiny-sd1")) {
            float[] before = loaded.outputs();
            long used = backend.statistics().liveBytes();
            Lora a = lora("lora_sd1_kohya");
            Lora b = lora("lora_sd1_peft");
            LoraMerger merger = loaded.merger();
            merger.apply(List.of(new LoraUse(a, 1, 1)));
            // An engine may lay weights out anew when they are first used, so unused ones are compared with unused ones.
            long live = backend.statistics().liveBytes();
            for (int i = 0; i < 200; i++) {
                merger.apply(i % 5 == 4 ? List.of() : List.of(new LoraUse(i % 2 == 0 ? a : b, 0.1 * i, 1 - 0.01 * i)));
                assertEquals(live, backend.statistics().liveBytes(), "after change " + i);
            }
            assertArrayEquals(before, loaded.outputs());
            assertEquals(used, backend.statistics().liveBytes());
        }
    }
}
