package org.daguerre.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.daguerre.tensor.DType;

/**
 * What a model file or folder holds, found without reading its numbers.
 *
 * @param task what the U-Net is for; empty if there is none
 * @param prediction what the U-Net predicts; empty if there is none
 * @param parts the networks; a file that is none of them is one part named {@code file}
 * @param skipped names in the file that are knowingly not used, with the reason
 * @param unknown names in the file that no rule knows
 */
public record ModelInfo(Path path, CheckpointKind kind, Family family, Optional<Task> task,
                        Optional<Prediction> prediction, List<Part> parts, Map<String, String> skipped,
                        Set<String> unknown, Map<String, String> metadata) {
    /**
     * One network.
     *
     * @param parameters number of elements
     * @param dtypes number of elements by type
     * @param config its configuration; empty if it is neither stored nor recognisable
     */
    public record Part(String name, int tensors, long parameters, long bytes, Map<DType, Long> dtypes,
                       Optional<JsonConfig> config) {
        static Part of(String name, Checkpoint c, Optional<JsonConfig> config) {
            Map<DType, Long> dtypes = new EnumMap<>(DType.class);
            long parameters = 0;
            long bytes = 0;
            for (String tensor : c.names()) {
                long count = c.shape(tensor).count();
                parameters += count;
                bytes += count * c.dtype(tensor).bytes();
                dtypes.merge(c.dtype(tensor), count, Long::sum);
            }
            return new Part(name, c.names().size(), parameters, bytes, dtypes, config);
        }
    }

    /** @throws CheckpointException if there is no model, or it cannot be read */
    public static ModelInfo describe(Path path) {
        if (ModelDirectory.isModel(path)) {
            return ofDirectory(ModelDirectory.open(path));
        }
        if (!Files.isDirectory(path)) {
            try (SingleFile file = SingleFile.open(path)) {
                return ofFile(path, file, Optional.empty());
            }
        }
        ComponentDirectory component = ComponentDirectory.open(path);
        try (SingleFile file = SingleFile.of(component.weights())) {
            return ofFile(path, file, Optional.of(component.config()));
        }
    }

    private static ModelInfo ofDirectory(ModelDirectory model) {
        List<Part> parts = new ArrayList<>();
        Optional<Task> task = Optional.empty();
        for (String name : model.components()) {
            if (model.has(name) && model.component(name).weightsFile().isPresent()) {
                try (Checkpoint c = model.weights(name)) {
                    parts.add(Part.of(name, c, Optional.of(model.config(name))));
                }
            }
        }
        if (model.has("unet")) {
            task = Optional.of(Task.ofChannels(model.config("unet").getInt("in_channels", 4)));
        }
        Optional<Prediction> prediction = !model.has("scheduler") ? Optional.empty() : Optional.of(new Prediction(
            model.config("scheduler").getString("prediction_type", "epsilon"),
            model.config("scheduler").getBoolean("rescale_betas_zero_snr", false), true, "scheduler configuration"));
        return new ModelInfo(model.path(), CheckpointKind.MODEL, model.family(), task, prediction, parts, Map.of(),
            Set.of(), Map.of());
    }

    private static ModelInfo ofFile(Path path, SingleFile file, Optional<JsonConfig> stored) {
        List<Part> parts = new ArrayList<>();
        for (String name : file.components()) {
            parts.add(Part.of(name, file.weights(name), stored.isPresent() ? stored : recognised(file, name)));
        }
        boolean none = parts.isEmpty();
        if (none) {
            parts.add(Part.of("file", file.checkpoint(), stored));
        }
        Optional<Task> task = file.has("unet") ? Optional.of(file.task()) : Optional.empty();
        return new ModelInfo(path, file.recognition().kind(), file.family(), task, task.map(t -> file.prediction()),
            parts, file.skipped(), none ? Set.of() : file.unknown(), file.checkpoint().metadata());
    }

    private static Optional<JsonConfig> recognised(SingleFile file, String component) {
        try {
            return Optional.of(file.config(component));
        } catch (CheckpointException e) {
            return Optional.empty(); // a size that is not published; the caller sees a part without configuration
        }
    }

    /** Number of elements in all parts. */
    public long parameters() {
        return parts.stream().mapToLong(Part::parameters).sum();
    }

    /** Bytes of all parts. */
    public long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }
}
