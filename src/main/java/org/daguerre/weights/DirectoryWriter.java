package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.daguerre.tensor.DType;

/** Writes a model as a folder in the diffusers layout, whole or not at all. */
final class DirectoryWriter {
    private static final List<String> COPIED = List.of("tokenizer", "tokenizer_2", "feature_extractor");
    private static final Map<String, String> CLASSES = classes();

    private DirectoryWriter() {
    }

    private static Map<String, String> classes() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("unet", "diffusers UNet2DConditionModel");
        map.put("vae", "diffusers AutoencoderKL");
        map.put("text_encoder", "transformers CLIPTextModel");
        map.put("text_encoder_2", "transformers CLIPTextModelWithProjection");
        map.put("depth_estimator", "transformers DPTForDepthEstimation");
        return map;
    }

    static void write(ModelSource source, Path out, DType type) {
        if (Files.exists(out)) {
            throw new IllegalArgumentException("convert " + source.path() + ": expected a new folder, found that " + out
                + " exists");
        }
        Path temporary = out.resolveSibling(out.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            Files.createDirectory(temporary);
            ObjectNode index = index(source);
            for (String component : CLASSES.keySet()) {
                if (source.has(component)) {
                    component(source, component, temporary, type, index);
                }
            }
            scheduler(source, temporary, index);
            for (String component : COPIED) {
                copy(source, component, temporary, index);
            }
            Files.writeString(temporary.resolve("model_index.json"), Json.print(index));
            Files.move(temporary, out);
        } catch (IOException e) {
            throw new CheckpointException("write " + out + ": " + e, e);
        } finally {
            delete(temporary);
        }
    }

    private static ObjectNode index(ModelSource source) {
        ObjectNode index = Json.newObject();
        boolean inpaint = source.config("unet").getInt("in_channels", 4) == 9;
        boolean depth = source.config("unet").getInt("in_channels", 4) == 5;
        String kind = switch (source.family()) {
            case SDXL -> inpaint ? "StableDiffusionXLInpaintPipeline" : "StableDiffusionXLPipeline";
            case SDXL_REFINER -> "StableDiffusionXLImg2ImgPipeline";
            default -> inpaint ? "StableDiffusionInpaintPipeline"
                : depth ? "StableDiffusionDepth2ImgPipeline" : "StableDiffusionPipeline";
        };
        index.put("_class_name", kind);
        index.put("_diffusers_version", "0.19.0");
        if (source.family().isXl()) {
            index.put("force_zeros_for_empty_prompt", source.family() == Family.SDXL);
            index.put("requires_aesthetics_score", source.family() == Family.SDXL_REFINER);
        }
        return index;
    }

    private static void component(ModelSource source, String name, Path root, DType type, ObjectNode index)
        throws IOException {
        Path folder = Files.createDirectory(root.resolve(name));
        String[] library = CLASSES.get(name).split(" ");
        Files.writeString(folder.resolve("config.json"), source.config(name).toJson());
        String file = library[0].equals("diffusers") ? "diffusion_pytorch_model" : "model";
        try (Checkpoint weights = source.weights(name)) {
            Converter.write(folder.resolve(file + ".safetensors"), weights, type);
        }
        index.putArray(name).add(library[0]).add(library[1]);
    }

    private static void scheduler(ModelSource source, Path root, ObjectNode index) throws IOException {
        JsonConfig config = source.config("scheduler");
        Path folder = Files.createDirectory(root.resolve("scheduler"));
        Files.writeString(folder.resolve("scheduler_config.json"), config.toJson());
        index.putArray("scheduler").add("diffusers").add(config.getString("_class_name", "PNDMScheduler"));
    }

    /** Files that are no weights; single files have none, and the program then uses CLIP's own vocabulary. */
    private static void copy(ModelSource source, String name, Path root, ObjectNode index) throws IOException {
        Optional<Path> from = source.folder(name);
        if (from.isEmpty()) {
            return;
        }
        Path folder = Files.createDirectory(root.resolve(name));
        try (Stream<Path> files = Files.list(from.get())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
        String type = name.startsWith("tokenizer") ? "CLIPTokenizer" : "CLIPImageProcessor";
        index.putArray(name).add("transformers").add(type);
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new CheckpointException("delete " + folder + ": " + e, e);
        }
    }
}
