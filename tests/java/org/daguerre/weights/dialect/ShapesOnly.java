package org.daguerre.weights.dialect;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;

/** Names and shapes of a model far too large for a test; its tensors are never read. */
public record ShapesOnly(Map<String, Shape> tensors, DType type, Map<String, String> metadata) implements Checkpoint {
    public ShapesOnly(Map<String, Shape> tensors, DType type) {
        this(tensors, type, Map.of());
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public Shape shape(String name) {
        return tensors.get(name);
    }

    @Override
    public DType dtype(String name) {
        return type;
    }

    @Override
    public HostTensor tensor(String name) {
        throw new UnsupportedOperationException("shapes only: " + name);
    }

    @Override
    public Path source() {
        return Path.of("shapes");
    }

    @Override
    public void close() {
        // nothing is open
    }
}
