package org.daguerre.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.daguerre.tensor.Shape;
import org.daguerre.unet.UNetConfig;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Family;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.ModelSource;

/** A model of a published architecture with random weights, and no file. */
public final class RandomModel implements ModelSource {
    private final Architecture architecture;
    private final Path path;
    private final Map<String, JsonConfig> configs = new LinkedHashMap<>();

    public RandomModel(Architecture architecture) {
        this.architecture = architecture;
        this.path = Path.of("random-" + architecture.title());
        try (InputStream in = RandomModel.class.getResourceAsStream("/org/daguerre/configs/"
            + architecture.configuration() + ".json")) {
            JsonNode root = JsonMapper.builder().build().readTree(in);
            root.fields().forEachRemaining(e ->
                configs.put(e.getKey(), JsonConfig.parse(path.resolve(e.getKey()), e.getValue().toString())));
        } catch (IOException e) {
            throw new UncheckedIOException("configuration of " + architecture.title() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Set<String> components() {
        Set<String> names = new LinkedHashSet<>(configs.keySet());
        names.remove("scheduler");
        return names;
    }

    @Override
    public boolean has(String component) {
        return configs.containsKey(component);
    }

    @Override
    public JsonConfig config(String component) {
        JsonConfig config = configs.get(component);
        if (config == null) {
            throw CheckpointException.of(path, "component " + component, "components " + configs.keySet());
        }
        return config;
    }

    /** Names and shapes of a component's weights. */
    Map<String, Shape> shapes(String component) {
        JsonConfig config = config(component);
        return switch (component) {
            case "unet" -> UNetTensors.of(UNetConfig.of(config));
            case "vae" -> VaeTensors.of(VaeConfig.of(config));
            default -> TextTensors.of(config);
        };
    }

    @Override
    public Checkpoint weights(String component) {
        return new RandomCheckpoint(path.resolve(component), shapes(component));
    }

    @Override
    public Optional<Path> folder(String component) {
        return Optional.empty();
    }

    @Override
    public Family family() {
        return architecture.family();
    }

    @Override
    public void close() {
        // nothing is open
    }
}
