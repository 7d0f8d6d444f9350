package org.daguerre.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.StepContext;
import org.daguerre.unet.UNet;
import org.daguerre.unet.UNetConfig;
import org.daguerre.vae.KlAutoencoder;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.Weights;

/** The work of the published networks, found by running the model code on a {@link WorkRecorder}. */
final class Networks {
    private static final Path CONFIGS = Path.of("tests/fixtures/layouts/configs");
    private static final int TEXT_TOKENS = 77;

    private Networks() {
    }

    /**
     * What one part of a network asks of its engine.
     *
     * @param counts     calls of conv2d, linear and attention
     * @param otherCalls number of all other operations, with {@code otherBytes} of traffic
     */
    record Part(String name, Map<Work, Integer> counts, int otherCalls, double otherBytes) {
        static Part of(String name, WorkRecorder recorder) {
            return new Part(name, new LinkedHashMap<>(recorder.counts()), recorder.otherCalls(), recorder.otherBytes());
        }

        double flops() {
            return counts.entrySet().stream().mapToDouble(e -> e.getKey().flops() * e.getValue()).sum();
        }

        /** Bytes of conv2d, linear and attention. */
        double bytes() {
            return counts.entrySet().stream().mapToDouble(e -> e.getKey().bytes() * e.getValue()).sum();
        }
    }

    /**
     * A U-Net's work.
     *
     * @param once what is computed before the first step: projections of the prompt and of one timestep
     * @param step one pass
     */
    record UNetParts(Part once, Part step) {
    }

    /** The U-Net of a folder in layouts/configs over {@code rows} latents: 2 for one guided picture. */
    static UNetParts unet(String name, String model, int rows, int side) {
        WorkRecorder recorder = WorkRecorder.alone();
        UNetConfig config = UNetConfig.of(JsonConfig.read(CONFIGS.resolve(model).resolve("unet/config.json")));
        ModelMemory memory = new ModelMemory(Ops.on(recorder.backend()));
        try (LayoutCheckpoint checkpoint = new LayoutCheckpoint(model + "-unet"); memory;
             Ops ops = Ops.on(recorder.backend())) {
            UNet unet = UNet.load(new Params(Weights.of(checkpoint), memory), config);
            recorder.clear();
            Tensor added = config.addedDim() == 0 ? null : ops.empty(ops.type(), rows, config.addedDim());
            Tensor time = unet.embedTime(ops, ops.empty(DType.F32, 1), added, Probe.NONE);
            Tensor[] text = unet.projectText(ops, ops.empty(ops.type(), rows, TEXT_TOKENS, config.crossDim()), null);
            Part once = Part.of(name + ", once per run (prompt) and per timestep", recorder);
            recorder.clear();
            unet.forward(ops, ops.empty(ops.type(), rows, side, side, config.inChannels()),
                new StepContext(time, text, null, Probe.NONE), null);
            return new UNetParts(once, Part.of(name + ", one guided step", recorder));
        }
    }

    /** Decoding one picture of {@code 8 * latentSide} pixels a side. */
    static Part vaeDecode(String name, String model, int latentSide) {
        WorkRecorder recorder = WorkRecorder.alone();
        VaeConfig config = VaeConfig.of(JsonConfig.read(CONFIGS.resolve(model).resolve("vae/config.json")));
        try (LayoutCheckpoint checkpoint = new LayoutCheckpoint(model + "-vae"); Ops ops = Ops.on(recorder.backend())) {
            KlAutoencoder vae = KlAutoencoder.load(Ops.on(recorder.backend()), Weights.of(checkpoint), config);
            recorder.clear();
            vae.decode(ops, ops.empty(DType.F32, 1, latentSide, latentSide, config.latentChannels()));
            Part part = Part.of(name, recorder);
            vae.close();
            return part;
        }
    }
}
