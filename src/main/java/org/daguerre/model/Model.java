package org.daguerre.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.unet.UNet;
import org.daguerre.unet.UNetConfig;
import org.daguerre.vae.Autoencoder;
import org.daguerre.vae.KlAutoencoder;
import org.daguerre.vae.TiledAutoencoder;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.ModelSource;

/** A model in an engine's memory. Not thread-safe. */
public final class Model implements AutoCloseable {
    private final ComponentLoader loader;
    private final ModelFamily family;
    private final TextConditioner text;
    private final LoadedUNet unet;
    private final Autoencoder autoencoder;
    private final SamplerConfig sampler;
    private final int latentSize;

    /** A U-Net with its memory. */
    private record LoadedUNet(UNet network, ModelMemory memory) implements AutoCloseable {
        @Override
        public void close() {
            memory.close();
        }
    }

    private Model(ComponentLoader loader, Autoencoder given, Optional<String> prediction, boolean tiled) {
        this.loader = loader;
        family = Families.of(loader.source());
        SamplerConfig own = samplerConfig(loader.config("scheduler"));
        sampler = prediction.map(p -> own.with("prediction_type", p)).orElse(own);
        JsonConfig unetJson = loader.config("unet");
        UNetConfig unetConfig = UNetConfig.of(unetJson);
        latentSize = unetJson.getInt("sample_size", 64);
        text = family.conditioner(loader);
        unet = loader.load("unet", loader.type(), (memory, w) ->
            new LoadedUNet(UNet.load(new Params(w, memory), unetConfig), memory));
        Autoencoder whole = given != null ? given : loadAutoencoder(loader, family);
        autoencoder = tiled ? new TiledAutoencoder(whole) : whole;
    }

    /**
     * Loads every part.
     *
     * @param autoencoder used instead of the model's own, or null; the model closes it
     * @param prediction  epsilon or v_prediction instead of what the model says
     * @param tiled       whether large pictures go through the autoencoder in tiles, which takes less memory
     */
    public static Model load(ModelSource source, Backend backend, Autoencoder autoencoder, Optional<String> prediction,
                             boolean tiled) {
        return load(source, backend, autoencoder, prediction, tiled, false);
    }

    /** @param onDemand whether a network's weights are in the engine only while it is used; not those of a given autoencoder */
    public static Model load(ModelSource source, Backend backend, Autoencoder autoencoder, Optional<String> prediction,
                             boolean tiled, boolean onDemand) {
        ComponentLoader loader = new ComponentLoader(source, backend, backend.preferredType(), onDemand);
        try {
            return new Model(loader, autoencoder, prediction, tiled);
        } catch (RuntimeException e) {
            loader.close();
            throw e;
        }
    }

    private static Autoencoder loadAutoencoder(ComponentLoader loader, ModelFamily family) {
        VaeConfig config = VaeConfig.of(loader.config("vae"));
        boolean half = loader.type() == DType.F16;
        boolean overflows = config.forceUpcast() || family.autoencoderOverflowsHalf();
        return loader.load("vae", half && overflows ? DType.BF16 : loader.type(), (memory, w) -> KlAutoencoder.load(memory, w, config));
    }

    private static SamplerConfig samplerConfig(JsonConfig json) {
        try {
            // Python writes -Infinity into JSON; DPM-Solver configurations have it.
            return SamplerConfig.fromJson(JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build()
                .readTree(json.toJson()));
        } catch (JsonProcessingException e) {
            throw CheckpointException.of(json.file(), "a scheduler configuration", e.getOriginalMessage());
        }
    }

    public ModelFamily family() {
        return family;
    }

    public TextConditioner text() {
        return text;
    }

    public UNet unet() {
        return unet.network();
    }

    public ModelMemory unetMemory() {
        return unet.memory();
    }

    public Autoencoder autoencoder() {
        return autoencoder;
    }

    /** The model's own noise schedule and sampler. */
    public SamplerConfig sampler() {
        return sampler;
    }

    /** Side of the pictures that the model was trained on, in pixels. */
    public int defaultSize() {
        return latentSize * autoencoder.factor();
    }

    public Backend backend() {
        return loader.backend();
    }

    public ModelSource source() {
        return loader.source();
    }

    @Override
    public void close() {
        text.close();
        unet.close();
        autoencoder.close();
        loader.close();
    }
}
