package org.daguerre.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.daguerre.Daguerre;
import org.daguerre.backend.Engines;
import org.daguerre.tensor.DType;
import picocli.CommandLine.Option;

/** What computes. */
final class EngineOptions {
    @Option(names = {"-d", "--device"}, paramLabel = "NAME",
        description = "Engine: auto (default), cuda, cuda:N, cpu, emulated or java.")
    Optional<String> device;

    @Option(names = "--precision", paramLabel = "TYPE", description = "auto (default), f32, f16 or bf16.")
    Optional<String> precision;

    @Option(names = "--threads", paramLabel = "N", description = "Processor threads of the cpu engine; default: all.")
    Optional<Integer> threads;

    @Option(names = "--memory-limit", paramLabel = "SIZE",
        description = "Most memory that the engine may hold, such as 6G.")
    Optional<Bytes> memoryLimit;

    /** Equal for equal engines. */
    List<?> identity() {
        return List.of(device, precision, threads, memoryLimit);
    }

    void apply(Daguerre.Builder b) {
        device.ifPresent(b::device);
        Checks.set("--precision", precision, b::precision);
        Checks.set("--threads", threads, b::threads);
        memoryLimit.ifPresent(m -> b.memoryLimit(m.count()));
    }

    /** The engine without a model. */
    Engines.Choice open() {
        apply(Daguerre.builder()); // for its checks
        DType type = precision.flatMap(EngineOptions::type).orElse(null);
        return Engines.open(device.orElse("auto"), new Engines.Options(type, threads.orElse(0),
            memoryLimit.map(Bytes::count).orElse(0L), ""));
    }

    static Optional<DType> type(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "f32", "fp32" -> Optional.of(DType.F32);
            case "f16", "fp16" -> Optional.of(DType.F16);
            case "bf16" -> Optional.of(DType.BF16);
            default -> Optional.empty();
        };
    }
}
