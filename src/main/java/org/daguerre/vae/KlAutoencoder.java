package org.daguerre.vae;

import java.util.function.Supplier;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.Weights;

/** The autoencoder of SD 1, SD 2 and SDXL. */
public final class KlAutoencoder implements Autoencoder {
    private final VaeConfig config;
    private final ModelMemory memory;
    private final VaeEncoder encoder;
    private final VaeDecoder decoder;

    private KlAutoencoder(Params p, VaeConfig config) {
        this.config = config;
        memory = p.memory();
        encoder = VaeEncoder.load(p, config);
        decoder = VaeDecoder.load(p, config);
    }

    /** @param ops an arena of its own, in the type that the autoencoder computes in */
    public static KlAutoencoder load(Ops ops, Weights w, VaeConfig config) {
        return load(new ModelMemory(ops), w, config);
    }

    /** @param memory of this network; closed if it cannot be loaded */
    public static KlAutoencoder load(ModelMemory memory, Weights w, VaeConfig config) {
        try {
            return new KlAutoencoder(new Params(w, memory), config);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    @Override
    public int factor() {
        return config.factor();
    }

    @Override
    public int latentChannels() {
        return config.latentChannels();
    }

    @Override
    public Tensor decode(Ops parent, Tensor latents, Probe probe) {
        return parent.scoped(ops -> decodeRaw(ops, ops.scale(latents, 1 / config.scalingFactor()), probe));
    }

    /** The network alone: unscaled latents in, F32 out. */
    public Tensor decodeRaw(Ops parent, Tensor latents, Probe probe) {
        return memory.during(() -> parent.scoped(outer -> {
            Ops ops = outer.child(memory.ops().type());
            try (ops) {
                Tensor y = decoder.forward(ops, ops.cast(latents, ops.type()), probe);
                return ops.lift(toF32(ops, y));
            }
        }));
    }

    @Override
    public Tensor encode(Ops parent, Tensor image, Tensor noise) {
        return parent.scoped(ops -> {
            Tensor moments = moments(ops, image, Probe.NONE);
            int c = config.latentChannels();
            Tensor mean = ops.slice(moments.columns(0, c));
            if (noise == null) {
                return ops.scale(mean, config.scalingFactor());
            }
            Tensor deviation = Posterior.deviationTimesNoise(ops, ops.slice(moments.columns(c, c)), noise);
            return ops.combine(new double[] {config.scalingFactor(), config.scalingFactor()}, mean, deviation);
        });
    }

    /** [N, h, w, 2 C] F32: mean and log variance before clamping. */
    public Tensor moments(Ops parent, Tensor image, Probe probe) {
        return memory.during(() -> parent.scoped(outer -> {
            Ops ops = outer.child(memory.ops().type());
            try (ops) {
                return ops.lift(toF32(ops, encoder.forward(ops, ops.cast(image, ops.type()), probe)));
            }
        }));
    }

    private static Tensor toF32(Ops ops, Tensor t) {
        return ops.cast(t, DType.F32);
    }

    @Override
    public <T> T together(Supplier<T> work) {
        return memory.together(work);
    }

    /** The engine's memory of this network, for adapters and statistics. */
    public ModelMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
