package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.daguerre.GivenTensors;
import org.daguerre.Request;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.SafetensorsWriter;
import picocli.CommandLine.Option;

/** Random numbers in, intermediate results out, to compare programs number by number. */
final class ParityOptions {
    private static final List<String> KNOWN = List.of("noise", "latents", "posterior_noise", "posterior_noise_masked",
        "step_noise");

    @Option(names = "--noise", paramLabel = "FILE",
        description = "Safetensors with the random numbers: noise or latents, posterior_noise, posterior_noise_masked, "
            + "step_noise.")
    Optional<Path> noise;

    @Option(names = "--trace", paramLabel = "FILE",
        description = "Write what was computed on the way (contexts, latents of every step, ...) as safetensors.")
    Optional<Path> trace;

    @Option(names = "--posterior", paramLabel = "KIND",
        description = "How start pictures are encoded: sample (default) or mean of the autoencoder's posterior.")
    Optional<String> posterior;

    private final List<HostTensor> recorded = new ArrayList<>();

    /** @param warn told about tensors that are not used */
    void apply(Request.Builder b, Optional<HostTensor> depth, Consumer<String> warn) {
        b.given(noise.map(file -> read(file, depth, warn))
            .orElse(new GivenTensors(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(),
            depth)));
        if (trace.isPresent()) {
            b.trace(recorded::add);
        }
        posterior.ifPresent(kind -> {
            if (!kind.equals("sample") && !kind.equals("mean")) {
                throw new IllegalArgumentException("--posterior: expected sample or mean, found " + kind);
            }
            b.samplePosterior(kind.equals("sample"));
        });
    }

    private static GivenTensors read(Path path, Optional<HostTensor> depth, Consumer<String> warn) {
        try (Checkpoint file = Checkpoints.open(path)) {
            Set<String> unused = new TreeSet<>(file.names());
            KNOWN.forEach(unused::remove);
            if (unused.size() == file.names().size()) {
                throw new IllegalArgumentException("--noise: expected one of " + String.join(", ", KNOWN) + " in "
                    + path + ", found "
                    + unused);
            }
            if (!unused.isEmpty()) {
                warn.accept(path + ": not used: " + String.join(", ", unused));
            }
            return new GivenTensors(get(file, "noise"), get(file, "latents"), get(file, "posterior_noise"),
                get(file, "posterior_noise_masked"), get(file, "step_noise").map(ParityOptions::rows)
                .orElse(List.of()), depth);
        }
    }

    private static Optional<HostTensor> get(Checkpoint file, String name) {
        return file.has(name) ? Optional.of(file.tensor(name)) : Optional.empty();
    }

    /** [K, N, C, h, w] as K tensors. */
    private static List<HostTensor> rows(HostTensor all) {
        if (all.shape().rank() != 5) {
            throw new IllegalArgumentException("--noise: expected step_noise [K, N, C, h, w], found " + all.shape());
        }
        int[] dims = all.shape().toArray();
        float[] values = all.toFloats();
        int size = values.length / Math.max(1, dims[0]);
        List<HostTensor> rows = new ArrayList<>();
        for (int k = 0; k < dims[0]; k++) {
            rows.add(HostTensor.of("step_noise", Shape.of(dims[1], dims[2], dims[3], dims[4]),
                Arrays.copyOfRange(values, k * size, (k + 1) * size)));
        }
        return rows;
    }

    void checkWritable() throws IOException {
        if (trace.isPresent()) {
            Outputs.checkWritable("--trace", trace.get());
        }
    }

    void write() {
        trace.ifPresent(file -> SafetensorsWriter.write(file, recorded,
            Map.of("producer", "daguerre " + Version.text())));
    }
}
