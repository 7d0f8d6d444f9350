package org.daguerre.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import org.daguerre.nn.Probe;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.MapCheckpoint;
import org.daguerre.unet.ControlResiduals;
import org.daguerre.unet.StepContext;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.CheckpointKind;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.ComponentDirectory;
import org.daguerre.weights.Family;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.SafetensorsWriter;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;
import org.daguerre.weights.dialect.UNetLayout;
import org.daguerre.weights.dialect.UNetNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ControlNets with fewer parts than the U-Net's half has, and the layouts in which ControlNets come. */
class ReducedControlNetTest {
    private static final ComponentDirectory FULL = ComponentDirectory.open(Goldens.model("tiny-controlnet"));
    private static final String REDUCED = FULL.config().toJson().replace("CrossAttnDownBlock2D", "DownBlock2D")
        .replaceFirst("\\{", "{\"mid_block_type\": \"UNetMidBlock2D\",");

    @TempDir
    Path folder;

    /** Writes a checkpoint's tensors, each as the function makes it; those that become null are left out. */
    private static Path write(Path file, Checkpoint from, BiFunction<String, HostTensor, HostTensor> change) throws Exception {
        List<HostTensor> kept = new ArrayList<>();
        for (String name : from.names()) {
            HostTensor t = change.apply(name, from.tensor(name));
            if (t != null) {
                kept.add(t);
            }
        }
        Files.createDirectories(file.getParent());
        try (SafetensorsWriter writer = SafetensorsWriter.create(file,
                kept.stream().map(t -> new SafetensorsWriter.Entry(t.name(), t.dtype(), t.shape())).toList(), Map.of())) {
            kept.forEach(writer::put);
            writer.finish();
        }
        return file;
    }

    private static HostTensor zeros(HostTensor t) {
        return HostTensor.of(t.name(), t.shape(), new float[Math.toIntExact(t.shape().count())]);
    }

    private static boolean attention(String name) {
        return name.contains(".attentions.") || name.startsWith("mid_block.resnets.1.");
    }

    /** What a net says about a fixed random input: all residuals one behind the other. */
    private static float[] said(Checkpoint file, JsonConfig config, int contextWidth, int addedWidth) {
        Weights weights = Weights.of(file);
        try (ReferenceBackend backend = new ReferenceBackend(); Ops ops = Ops.on(backend);
             ControlNet net = ControlNet.load(Ops.on(backend), weights, config)) {
            assertEquals(Set.of(), weights.unused());
            int f = net.factor();
            Tensor hint = net.embedHint(ops, random(ops, 1, 8 * f, 8 * f, 3));
            Tensor added = addedWidth == 0 ? null : random(ops, 1, addedWidth);
            StepContext c = new StepContext(net.embedTime(ops, ops.upload(new float[] {400}, 1), added),
                net.projectText(ops, random(ops, 1, 7, contextWidth)), null, Probe.NONE);
            ControlResiduals.Net said = net.forward(ops, random(ops, 1, 8, 8, 4), hint, c, 1);
            List<Tensor> all = new ArrayList<>(List.of(said.down()));
            all.add(said.middle());
            return ops.download(ops.concat(all.stream().map(t -> t.reshape(1, -1)).toArray(Tensor[]::new)));
        }
    }

    private static Tensor random(Ops ops, int... dims) {
        Random random = new Random(dims.length * 31L + dims[1]);
        float[] v = new float[Math.toIntExact(Shape.of(dims).count())];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return ops.upload(v, dims);
    }

    /** A full net whose transformers and second middle ResNet add zeros says what the net without them says. */
    @Test
    void withoutAttentionIsAttentionThatAddsNothing() throws Exception {
        try (Checkpoint full = FULL.weights()) {
            Path mute = write(folder.resolve("mute.safetensors"), full, (name, t) -> name.contains(".proj_out.")
                || name.startsWith("mid_block.resnets.1.conv2.") ? zeros(t) : t);
            Path reduced = write(folder.resolve("reduced.safetensors"), full, (name, t) -> attention(name) ? null : t);
            float[] expected;
            try (Checkpoint file = Checkpoints.open(mute)) {
                expected = said(file, FULL.config(), 64, 0);
            }
            float[] whole = said(full, FULL.config(), 64, 0);
            assertTrue(Goldens.relativeL2(whole, expected) > 0.01, "attention matters");
            try (Checkpoint file = Checkpoints.open(reduced)) {
                JsonConfig config = JsonConfig.parse(reduced, REDUCED);
                Goldens.close("reduced", expected, said(file, config, 64, 0), 1e-6);
                assertThrows(CheckpointException.class, () -> ControlNet.load(Ops.on(new ReferenceBackend()), Weights.of(file),
                    FULL.config()));
            }
        }
    }

    /** Random nets of recognisable widths: folder with half-precision names, single file under either names, all the same. */
    @Test
    void everyLayoutLoads() throws Exception {
        for (boolean reduced : List.of(false, true)) {
            Checkpoint net = randomNet(reduced);
            Path dir = folder.resolve("net-" + reduced);
            Path half = write(dir.resolve("diffusion_pytorch_model.fp16.safetensors"), net, (n, t) -> t);
            Checkpoint original = UNetNames.table(UNetLayout.ofDiffusers(net.names())).originalView(net, "control_model.");
            Path single = write(folder.resolve("control_v11p_sd15_canny-" + reduced + ".safetensors"), original, (n, t) -> t);
            assertTrue(original.has("control_model.input_hint_block.14.weight") && original.has("control_model.middle_block_out.0.bias"));
            float[] expected = null;
            for (Path file : List.of(half, single)) {
                try (SingleFile source = SingleFile.open(file)) {
                    assertEquals(CheckpointKind.CONTROLNET, source.recognition().kind());
                    assertEquals(reduced ? Family.SDXL : Family.SD1, source.family());
                    assertEquals(Set.of(), source.unknown());
                    JsonConfig config = source.config("controlnet");
                    assertEquals(reduced ? "UNetMidBlock2D" : "UNetMidBlock2DCrossAttn", config.getString("mid_block_type"));
                    float[] said = said(source.weights("controlnet"), config, reduced ? 2048 : 768, reduced ? 96 : 0);
                    expected = expected == null ? said : expected;
                    assertArrayEquals(expected, said);
                    Files.writeString(dir.resolve("config.json"), config.toJson());
                }
            }
            ComponentDirectory component = ComponentDirectory.open(dir);
            try (Checkpoint weights = component.weights()) {
                assertArrayEquals(expected, said(weights, component.config(), reduced ? 2048 : 768, reduced ? 96 : 0));
            }
        }
    }

    /** tiny-controlnet's names with other widths, so that they can be recognised without a configuration. */
    private static Checkpoint randomNet(boolean reduced) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        try (Checkpoint tiny = FULL.weights()) {
            for (String name : tiny.names()) {
                if (!reduced || !attention(name)) {
                    int[] dims = tiny.shape(name).toArray();
                    for (int i = 0; i < dims.length; i++) {
                        boolean text = name.matches(".*attn2\\.to_[kv]\\.weight") && i == 1;
                        dims[i] = text ? 768 : dims[i] == 48 ? 64 : dims[i] == 384 ? 512 : dims[i] == 192 ? 256 : dims[i];
                    }
                    shapes.put(name, Shape.of(dims));
                }
            }
        }
        if (reduced) {
            for (int i = 1; i <= 2; i++) {
                shapes.put("add_embedding.linear_" + i + ".weight", Shape.of(128, i == 1 ? 96 : 128));
                shapes.put("add_embedding.linear_" + i + ".bias", Shape.of(128));
            }
        }
        MapCheckpoint net = new MapCheckpoint();
        Random random = new Random(8);
        shapes.forEach((name, shape) -> {
            float[] v = new float[Math.toIntExact(shape.count())];
            for (int i = 0; i < v.length; i++) {
                v[i] = (float) random.nextGaussian() * 0.1f;
            }
            net.with(name, v, shape.toArray());
        });
        return net;
    }

    @Test
    void colourOrdersOtherThanRgbAreRefused() {
        JsonConfig config = JsonConfig.parse(FULL.path(), FULL.config().toJson().replace("\"rgb\"", "\"bgr\""));
        try (Checkpoint file = FULL.weights(); ReferenceBackend backend = new ReferenceBackend(); Ops ops = Ops.on(backend)) {
            assertTrue(assertThrows(CheckpointException.class, () -> ControlNet.load(ops, Weights.of(file), config)).getMessage()
                .contains("bgr"));
        }
    }
}
