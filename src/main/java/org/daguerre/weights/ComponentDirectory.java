package org.daguerre.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One component in the diffusers layout: a folder with a configuration and, for a network, a file of weights. */
public record ComponentDirectory(Path path) {
    private static final List<String> CONFIGS =
        List.of("config.json", "scheduler_config.json", "tokenizer_config.json", "preprocessor_config.json");
    private static final List<String> STEMS = List.of("diffusion_pytorch_model", "model", "pytorch_model");

    /** @throws CheckpointException if there is no such folder */
    public static ComponentDirectory open(Path path) {
        if (!Files.isDirectory(path)) {
            throw CheckpointException.of(path, "a folder", Files.exists(path) ? "a file" : "nothing there");
        }
        return new ComponentDirectory(path);
    }

    /** The component's configuration: {@code config.json}, or what its kind calls it. */
    public JsonConfig config() {
        for (String name : CONFIGS) {
            Path file = path.resolve(name);
            if (Files.isRegularFile(file)) {
                return JsonConfig.read(file);
            }
        }
        throw CheckpointException.of(path, "one of " + CONFIGS, "none of them");
    }

    /** The weights, still to be closed by the caller. */
    public Checkpoint weights() {
        return Checkpoints.open(weightsFile().orElseThrow(
            () -> CheckpointException.of(path, "weights such as " + candidates().get(0), "no such file")));
    }

    /** The file that {@link #weights} would open. */
    public Optional<Path> weightsFile() {
        return candidates().stream().map(path::resolve).filter(Files::isRegularFile).findFirst();
    }

    /** Safetensors before pickles, plain before half precision, one file before a sharded set. */
    private static List<String> candidates() {
        List<String> names = new ArrayList<>();
        for (String variant : List.of("", "fp16")) {
            String dotted = variant.isEmpty() ? "" : "." + variant;
            for (String stem : STEMS) {
                names.add(stem + dotted + ".safetensors");
                names.add(stem + ".safetensors.index" + dotted + ".json");
            }
        }
        for (String variant : List.of("", ".fp16")) {
            for (String stem : STEMS) {
                names.add(stem + variant + ".bin");
                names.add(stem + ".bin.index" + variant + ".json");
            }
        }
        return names;
    }
}
