package org.daguerre.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.dialect.OriginalNames;

/**
 * Rewrites models and adapters as safetensors, one tensor at a time: to a single file with the original projects'
 * names, or to a folder in the diffusers layout. Floating point numbers are converted to one type; others stay as they
 * are.
 */
public final class Converter {
    private static final String ZERO_SNR = "ztsnr";
    private static final String A1111_EMBEDDING = "emb_params";

    private record Item(String name, Checkpoint from, String source) {
    }

    private Converter() {
    }

    /**
     * Converts to a single file if {@code out} ends with {@code .safetensors}, else to a folder, which must not exist.
     *
     * @param type F16, BF16 or F32
     * @throws CheckpointException if the input cannot be read, holds more than tensors, or has numbers too large for
     *     F16
     */
    public static void toSafetensors(Path in, Path out, DType type) {
        boolean file = out.toString().endsWith(".safetensors");
        if (Files.isDirectory(in) && !ModelDirectory.isModel(in)) {
            requireFile(file, out, "one component");
            try (Checkpoint c = ComponentDirectory.open(in).weights()) {
                write(out, all(c), type, c.metadata());
            }
            return;
        }
        try (ModelSource source = ModelSource.open(in)) {
            toSafetensors(source, out, type);
        }
    }

    /** As {@link #toSafetensors(Path, Path, DType)} for an open model, such as a single file with given configurations. */
    public static void toSafetensors(ModelSource source, Path out, DType type) {
        if (out.toString().endsWith(".safetensors")) {
            toSingleFile(source, out, type);
        } else {
            requireFile(!(source instanceof SingleFile f) || f.has("unet"), out, "a file that is not a model");
            DirectoryWriter.write(source, out, type);
        }
    }

    private static void requireFile(boolean condition, Path out, String what) {
        if (!condition) {
            throw new IllegalArgumentException("convert " + what
                + ": expected a name that ends with .safetensors, found " + out);
        }
    }

    private static void toSingleFile(ModelSource source, Path out, DType type) {
        if (source instanceof SingleFile file) {
            write(out, kept(file), type, file.checkpoint().metadata());
            return;
        }
        List<Checkpoint> open = new ArrayList<>();
        try {
            List<Item> items = new ArrayList<>();
            for (String component : OriginalNames.COMPONENTS) {
                if (source.has(component)) {
                    Checkpoint weights = source.weights(component);
                    open.add(weights);
                    items.addAll(all(OriginalNames.view(component, source.family().name(), weights)));
                }
            }
            write(out, items, type, metadata(source));
        } finally {
            open.forEach(Checkpoint::close);
        }
    }

    /** Weights do not show what a U-Net predicts, so the file says it. */
    private static Map<String, String> metadata(ModelSource source) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("modelspec.architecture", source.family().title());
        if (source.has("scheduler")) {
            JsonConfig scheduler = source.config("scheduler");
            metadata.put("modelspec.prediction_type",
                scheduler.getString("prediction_type", "epsilon").equals("v_prediction") ? "v" : "epsilon");
            if (scheduler.getBoolean("rescale_betas_zero_snr", false)) {
                metadata.put(ZERO_SNR, "true");
            }
        }
        return metadata;
    }

    private static List<Item> all(Checkpoint c) {
        return c.names().stream().map(n -> new Item(n, c, n)).toList();
    }

    /** Everything but EMA copies and other remains of the training. */
    private static List<Item> kept(SingleFile file) {
        Checkpoint c = file.checkpoint();
        CheckpointKind kind = file.recognition().kind();
        if (kind == CheckpointKind.HYPERNETWORK) {
            throw CheckpointException.of(file.path(), "a file of tensors only",
                "a hypernetwork, which has settings too");
        }
        if (kind == CheckpointKind.TEXTUAL_INVERSION && c.names().size() == 1 && c.has("*")) {
            return List.of(new Item(A1111_EMBEDDING, c, "*"));
        }
        return c.names().stream().filter(n -> !KnownExtras.isTrainingRemains(n)).map(n -> new Item(n, c, n)).toList();
    }

    static void write(Path out, Checkpoint weights, DType type) {
        write(out, all(weights), type, Map.of("format", "pt"));
    }

    private static void write(Path out, List<Item> items, DType type, Map<String, String> metadata) {
        if (type != DType.F16 && type != DType.BF16 && type != DType.F32) {
            throw new IllegalArgumentException("convert to " + out + ": expected F16, BF16 or F32, found " + type);
        }
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        for (Item i : items) {
            DType stored = i.from().dtype(i.source());
            Shape shape = i.from().shape(i.source());
            entries.add(new SafetensorsWriter.Entry(i.name(), stored.isFloat() ? type : stored, shape));
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(out, entries, metadata)) {
            for (Item i : items) {
                writer.put(converted(i, type));
            }
            writer.finish();
        }
    }

    private static HostTensor converted(Item item, DType type) {
        HostTensor tensor = item.from().tensor(item.source()).withName(item.name());
        if (!tensor.dtype().isFloat() || tensor.dtype() == type) {
            return tensor;
        }
        if (type == DType.F16) {
            overflow(tensor).ifPresent(v -> {
                throw CheckpointException.of(item.from().source(), "numbers up to 65504 in tensor " + item.name()
                    + " to convert it to F16", v + "; use BF16 or F32");
            });
        }
        return tensor.to(type);
    }

    /** A finite number that would become infinite. */
    private static Optional<Float> overflow(HostTensor tensor) {
        for (float v : tensor.toFloats()) {
            if (Float.isFinite(v) && Math.abs(v) >= 65520) {
                return Optional.of(v);
            }
        }
        return Optional.empty();
    }
}
