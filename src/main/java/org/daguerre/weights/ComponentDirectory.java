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
    /** What publishers put before the ending. */
    private static final List<String> VARIANTS = List.of("", ".fp16", ".bf16", ".fp32", ".non_ema");

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

    /** Safetensors before pickles, plain before half precision and other variants, one file before a sharded set. */
    private static List<String> candidates() {
        List<String> names = new ArrayList<>();
        for (String ending : List.of(".safetensors", ".bin")) {
            for (String variant : VARIANTS) {
                for (String stem : STEMS) {
                    names.add(stem + variant + ending);
                    names.add(stem + ending + ".index" + variant + ".json");
                    names.add(stem + variant + ending + ".index.json");
                }
            }
        }
        return names;
    }
}
