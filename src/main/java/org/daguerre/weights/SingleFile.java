package org.daguerre.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.daguerre.weights.dialect.MappedCheckpoint;

/**
 * A model in one file with the names of the original projects, or one network in a file of its own. Fine-tunes often
 * lack some networks; {@link #has} tells which there are. Configurations are worked out from the shapes, or read from a
 * folder.
 */
public final class SingleFile implements ModelSource {
    private final Checkpoint file;
    private final Optional<Path> configs;
    private final Components found;
    private final Recognition recognition;
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private final Set<String> unknown = new LinkedHashSet<>();

    private SingleFile(Checkpoint file, Optional<Path> configs) {
        this.file = file;
        this.configs = configs;
        this.found = Components.find(file);
        this.recognition = Recognition.of(file, found);
        sortNames();
    }

    /** @throws CheckpointException if the file cannot be read or breaks its format */
    public static SingleFile open(Path path) {
        return of(Checkpoints.open(path));
    }

    /** With the component configurations below a folder, for sizes that cannot be recognised. */
    public static SingleFile open(Path path, Path configs) {
        return new SingleFile(Checkpoints.open(path), Optional.of(configs));
    }

    /** Over an open checkpoint, which is closed with this. */
    public static SingleFile of(Checkpoint file) {
        return new SingleFile(file, Optional.empty());
    }

    private void sortNames() {
        Set<String> used = new HashSet<>();
        for (MappedCheckpoint view : found.views().values()) {
            view.names().forEach(n -> used.addAll(view.sourcesOf(n)));
            skipped.putAll(view.skipped());
        }
        for (String name : file.names()) {
            if (!used.contains(name) && !skipped.containsKey(name)) {
                KnownExtras.reason(name).ifPresentOrElse(r -> skipped.put(name, r), () -> unknown.add(name));
            }
        }
    }

    @Override
    public Path path() {
        return file.source();
    }

    /** The file itself, with its own names. */
    public Checkpoint checkpoint() {
        return file;
    }

    public Recognition recognition() {
        return recognition;
    }

    @Override
    public Family family() {
        return recognition.family();
    }

    /** What the U-Net predicts, as far as the file tells. */
    public Prediction prediction() {
        return Prediction.of(file, family(), inputChannels());
    }

    /** What the U-Net is for, told by its input channels. */
    public Task task() {
        return Task.ofChannels(inputChannels());
    }

    private int inputChannels() {
        return has("unet") ? Weights.of(weights("unet")).shape("conv_in.weight", 4).dim(1) : 4;
    }

    /** Names in the file that are knowingly left out, with the reason. */
    public Map<String, String> skipped() {
        return Collections.unmodifiableMap(skipped);
    }

    /** Names in the file that no rule knows. */
    public Set<String> unknown() {
        return Collections.unmodifiableSet(unknown);
    }

    @Override
    public Set<String> components() {
        return found.views().keySet();
    }

    @Override
    public boolean has(String component) {
        return found.has(component);
    }

    @Override
    public MappedCheckpoint weights(String component) {
        if (!has(component)) {
            throw CheckpointException.of(path(), "component " + component, "components " + components());
        }
        return found.views().get(component);
    }

    /**
     * From the folder of configurations if it has this one, else worked out.
     *
     * @throws CheckpointException if the file has no such component, or sizes other than those of the published models
     */
    @Override
    public JsonConfig config(String component) {
        Optional<Path> given = folder(component);
        if (given.isPresent()) {
            return ComponentDirectory.open(given.get()).config();
        }
        Path origin = Path.of(path() + " (" + component + ", recognised)");
        if (component.equals("scheduler")) {
            return JsonConfig.of(origin, SchedulerConfigs.of(family(), prediction()));
        }
        return JsonConfig.of(origin, ShapeConfigs.of(component, weights(component), family(), prediction()));
    }

    @Override
    public Optional<Path> folder(String component) {
        return configs.map(c -> c.resolve(component)).filter(Files::isDirectory);
    }

    @Override
    public void close() {
        file.close();
    }
}
