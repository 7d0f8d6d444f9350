package org.daguerre.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.dialect.LayoutTable;

/** A real model's names and shapes with zeros for weights; all tensors share one block of memory. */
final class LayoutCheckpoint implements Checkpoint {
    private final Map<String, Shape> tensors;
    private final ByteBuffer zeros;

    /** @param layout a table in {@code tests/fixtures/layouts}, without its ending */
    LayoutCheckpoint(String layout) {
        tensors = LayoutTable.read(layout).diffusers();
        long most = tensors.values().stream().mapToLong(Shape::count).max().orElseThrow();
        zeros = HostTensor.allocate(Math.toIntExact(most * DType.F16.bytes()));
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
        return DType.F16;
    }

    @Override
    public HostTensor tensor(String name) {
        Shape shape = shape(name);
        return new HostTensor(name, DType.F16, shape, zeros.slice(0,
            Math.toIntExact(shape.count() * DType.F16.bytes())));
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Path source() {
        return Path.of("tests/fixtures/layouts");
    }

    @Override
    public void close() {
        // nothing is open
    }
}
