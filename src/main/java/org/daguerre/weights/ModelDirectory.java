package org.daguerre.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A model in the diffusers layout: {@code model_index.json} and one folder per component ({@code unet}, {@code vae},
 * {@code text_encoder}, {@code tokenizer}, {@code scheduler}, ...).
 */
public final class ModelDirectory {
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

    public Path root() {
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

    /** Components that the index lists (an entry of nulls is none), in its alphabetical order. */
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

    /** Configuration of a component. */
    public JsonConfig config(String component) {
        return component(component).config();
    }

    /** Weights of a component, to be closed by the caller. */
    public Checkpoint weights(String component) {
        return component(component).weights();
    }
}
