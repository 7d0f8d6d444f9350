package org.daguerre.testing;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;

/** A checkpoint made in a test. */
public final class MapCheckpoint implements Checkpoint {
    private final Map<String, HostTensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    public MapCheckpoint with(String name, float[] values, int... dims) {
        tensors.put(name, HostTensor.of(name, Shape.of(dims), values));
        return this;
    }

    public MapCheckpoint withMetadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    private HostTensor find(String name) {
        if (!tensors.containsKey(name)) {
            throw new CheckpointException("no tensor " + name);
        }
        return tensors.get(name);
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public Shape shape(String name) {
        return find(name).shape();
    }

    @Override
    public DType dtype(String name) {
        return find(name).dtype();
    }

    @Override
    public HostTensor tensor(String name) {
        return find(name);
    }

    @Override
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public Path source() {
        return Path.of("made in a test");
    }

    @Override
    public void close() {
    }
}
