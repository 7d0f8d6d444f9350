package org.daguerre.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.daguerre.Daguerre;
import org.daguerre.SessionOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model. */
final class ModelOptions {
    @Option(names = {"-m", "--model"}, paramLabel = "PATH",
        description = "Diffusers folder, or a single .safetensors or .ckpt file; default: the built-in model.")
    Optional<Path> model;

    @Option(names = "--config", paramLabel = "DIR",
        description = "Component configurations for a single file that is not recognised.")
    Optional<Path> config;

    @Option(names = "--prediction", paramLabel = "TYPE",
        description = "epsilon or v_prediction, for single files that do not say.")
    Optional<String> prediction;

    @Option(names = "--vae", paramLabel = "PATH",
        description = "Autoencoder to use instead of the model's (also TAESD).")
    Optional<Path> vae;

    @Option(names = "--refiner", paramLabel = "PATH",
        description = "Second model that finishes the picture (SDXL refiner).")
    Optional<Path> refiner;

    @Option(names = "--depth-model", paramLabel = "PATH",
        description = "Depth estimator (MiDaS DPT-Hybrid) for depth2img.")
    Optional<Path> depthModel;

    @Option(names = "--preview-vae", paramLabel = "PATH",
        description = "TAESD that decodes what --preview shows, in full size.")
    Optional<Path> previewVae;

    @Option(names = "--vae-tiling",
        description = "Decode pictures larger than 512 pixels in tiles: less memory, slightly other pictures.")
    boolean vaeTiling;

    @Option(names = "--low-memory",
        description = "Hold each network only while it is used, with --vae-tiling: the memory of the U-Net alone.")
    boolean lowMemory;

    @Mixin
    EngineOptions engine = new EngineOptions();

    /** Equal for equal sessions. */
    List<?> identity() {
        return List.of(model, config, prediction, vae, refiner, depthModel, vaeTiling, lowMemory, previewVae, engine.identity());
    }

    /** The same for those who open sessions themselves. */
    SessionOptions options() {
        builder(); // for its checks
        return new SessionOptions(model, config, prediction, vae, engine.device.orElse("auto"),
        engine.precision.flatMap(EngineOptions::type),
            engine.threads.orElse(0), engine.memoryLimit.map(Bytes::count).orElse(0L), refiner, depthModel, vaeTiling, lowMemory, 0,
            previewVae);
    }

    /** Session settings, checked as far as they can be without opening anything. */
    Daguerre.Builder builder() {
        Daguerre.Builder b = Daguerre.builder();
        model.ifPresent(b::model);
        config.ifPresent(b::config);
        Checks.set("--prediction", prediction, b::prediction);
        vae.ifPresent(b::vae);
        refiner.ifPresent(b::refiner);
        depthModel.ifPresent(b::depthModel);
        previewVae.ifPresent(b::previewVae);
        b.vaeTiling(vaeTiling);
        b.lowMemory(lowMemory);
        engine.apply(b);
        return b;
    }
}
