package org.daguerre.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.daguerre.Daguerre;
import picocli.CommandLine.Option;

/** Which model on which engine. */
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

    @Option(names = "--vae", paramLabel = "PATH", description = "Autoencoder to use instead of the model's (also TAESD).")
    Optional<Path> vae;

    @Option(names = "--refiner", paramLabel = "PATH", description = "Second model that finishes the picture (SDXL refiner).")
    Optional<Path> refiner;

    @Option(names = "--depth-model", paramLabel = "PATH", description = "Depth estimator (MiDaS DPT-Hybrid) for depth2img.")
    Optional<Path> depthModel;

    @Option(names = {"-d", "--device"}, paramLabel = "NAME",
        description = "Engine: auto (default), cuda, cuda:N, cpu, emulated or java.")
    Optional<String> device;

    @Option(names = "--precision", paramLabel = "TYPE", description = "auto (default), f32, f16 or bf16.")
    Optional<String> precision;

    @Option(names = "--threads", paramLabel = "N", description = "Processor threads of the cpu engine; default: all.")
    Optional<Integer> threads;

    @Option(names = "--memory-limit", paramLabel = "SIZE", description = "Most memory that the engine may hold, such as 6G.")
    Optional<Bytes> memoryLimit;

    /** Equal for equal sessions. */
    List<?> identity() {
        return List.of(model, config, prediction, vae, refiner, depthModel, device, precision, threads, memoryLimit);
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
        device.ifPresent(b::device);
        Checks.set("--precision", precision, b::precision);
        Checks.set("--threads", threads, b::threads);
        memoryLimit.ifPresent(m -> b.memoryLimit(m.count()));
        return b;
    }
}
