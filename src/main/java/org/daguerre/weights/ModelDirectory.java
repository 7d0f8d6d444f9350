package org.daguerre.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.daguerre.weights.dialect.TextNames;
import org.daguerre.weights.dialect.VaeNames;

/**
 * A model in the diffusers layout: {@code model_index.json} and one folder per component ({@code unet}, {@code vae},
 * {@code text_encoder}, {@code tokenizer}, {@code scheduler}, ...).
 */
public final class ModelDirectory implements ModelSource {
    private static final String INDEX = "model_index.json";

    private final Path root;
    private final JsonConfig index;

    private ModelDirectory(Path root, JsonConfig index) {
        this.root = root;
        this.index = index;
    }

    /** @throws CheckpointException if the folder has no readable {@code model_index.json} */
    public static ModelDirectory open(Path root) {
        if (!isModel(root)) {
            throw CheckpointException.of(root, "a folder with " + INDEX,
                Files.isDirectory(root) ? "a folder without it" : Files.exists(root) ? "a file" : "nothing there");
        }
        return new ModelDirectory(root, JsonConfig.read(root.resolve(INDEX)));
    }

    /** Whether the path is a folder with a {@code model_index.json}. */
    public static boolean isModel(Path path) {
        return Files.isRegularFile(path.resolve(INDEX));
    }

    @Override
    public Path path() {
        return root;
    }

    public JsonConfig index() {
        return index;
    }

    /** Such as {@code StableDiffusionXLPipeline}; empty if the index does not say. */
    public String pipelineClass() {
        return index.getString("_class_name", "");
    }

    /** Class of a component as the index names it, such as {@code EulerDiscreteScheduler}; empty if it does not. */
    public String componentClass(String component) {
        List<String> entry = index.isList(component) ? index.getStrings(component) : List.of();
        return entry.size() == 2 ? entry.get(1) : "";
    }

    /** Components that the index lists (an entry of nulls is none), in alphabetical order. */
    @Override
    public Set<String> components() {
        Set<String> names = new LinkedHashSet<>();
        for (String key : index.keys()) {
            if (!componentClass(key).isEmpty()) {
                names.add(key);
            }
        }
        return names;
    }

    /** Whether the component exists: its folder is there and the index does not rule it out. */
    @Override
    public boolean has(String component) {
        return component.matches("\\w+") && Files.isDirectory(root.resolve(component))
            && (!index.has(component) || !componentClass(component).isEmpty());
    }

    /** @throws CheckpointException if the component does not exist */
    public ComponentDirectory component(String name) {
        if (!has(name)) {
            throw CheckpointException.of(root, "component " + name, components().contains(name)
                ? "no folder of that name" : "components " + components());
        }
        return ComponentDirectory.open(root.resolve(name));
    }

    @Override
    public JsonConfig config(String component) {
        return component(component).config();
    }

    /** Weights of a component under today's names, to be closed by the caller. */
    @Override
    public Checkpoint weights(String component) {
        Checkpoint file = component(component).weights();
        return switch (component) {
            case "vae" -> VaeNames.ofDiffusersFile().diffusersView(file, "");
            case "text_encoder", "text_encoder_2" -> TextNames.transformers().diffusersView(file, "");
            default -> file;
        };
    }

    @Override
    public Optional<Path> folder(String component) {
        return has(component) ? Optional.of(root.resolve(component)) : Optional.empty();
    }

    /** From the pipeline's class, else from the width of the U-Net's text features and its projection. */
    @Override
    public Family family() {
        if (pipelineClass().startsWith("StableDiffusionXL")) {
            return has("text_encoder") ? Family.SDXL : Family.SDXL_REFINER;
        }
        if (!has("unet")) {
            return Family.UNKNOWN;
        }
        JsonConfig unet = config("unet");
        if (unet.has("addition_embed_type")) {
            return has("text_encoder") ? Family.SDXL : Family.SDXL_REFINER;
        }
        return unet.getBoolean("use_linear_projection", false) ? Family.SD2 : Family.SD1;
    }

    /** Nothing stays open between calls. */
    @Override
    public void close() {
        // every checkpoint handed out is closed by its caller
    }
}
