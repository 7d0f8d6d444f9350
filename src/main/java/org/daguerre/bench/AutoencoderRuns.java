package org.daguerre.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.daguerre.Size;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.vae.KlAutoencoder;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.ModelSource;
import org.daguerre.weights.Weights;

/** An autoencoder alone. */
final class AutoencoderRuns implements AutoCloseable {
    private static final int DEFAULT_SIDE = 512;

    private final Ops ops;
    private final KlAutoencoder vae;
    private final Size size;
    private final int batch;

    private AutoencoderRuns(Ops ops, KlAutoencoder vae, Size size, int batch) {
        this.ops = ops;
        this.vae = vae;
        this.size = size;
        this.batch = batch;
    }

    static AutoencoderRuns open(BenchSettings settings, Backend backend) {
        Ops ops = Ops.on(backend);
        try (ModelSource source = settings.source(); Checkpoint weights = source.weights("vae")) {
            KlAutoencoder vae = KlAutoencoder.load(ops, Weights.of(weights), VaeConfig.of(source.config("vae")));
            return new AutoencoderRuns(ops, vae, settings.size().orElse(new Size(DEFAULT_SIDE, DEFAULT_SIDE)),
                settings.batch());
        }
    }

    /** Arithmetic of decoding one batch. */
    static double decodeFlops(BenchSettings settings) {
        return FlopCounts.total(decodeWork(settings));
    }

    /** Operations of decoding one batch, and how often each is called. */
    static Map<Work, Integer> decodeWork(BenchSettings settings) {
        WorkRecorder recorder = WorkRecorder.alone();
        try (AutoencoderRuns runs = open(settings, recorder.backend())) {
            recorder.clear();
            runs.decode();
            return new LinkedHashMap<>(recorder.counts());
        }
    }

    Size size() {
        return size;
    }

    /** Milliseconds of decoding one batch. */
    double decode() {
        try (Ops run = ops.child()) {
            int f = vae.factor();
            Tensor latents = RandomTensors.deviates(run, batch, size.height() / f, size.width() / f,
                vae.latentChannels());
            return timed(() -> vae.decode(run, latents));
        }
    }

    /** Milliseconds of encoding one batch. */
    double encode() {
        try (Ops run = ops.child()) {
            Tensor image = RandomTensors.deviates(run, batch, size.height(), size.width(), 3);
            return timed(() -> vae.encode(run, image, null));
        }
    }

    private double timed(Runnable work) {
        ops.backend().synchronize();
        long start = System.nanoTime();
        work.run();
        ops.backend().synchronize();
        return (System.nanoTime() - start) / 1e6;
    }

    @Override
    public void close() {
        vae.close();
        ops.close();
    }
}
