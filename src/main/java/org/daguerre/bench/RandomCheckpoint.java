package org.daguerre.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;

/**
 * Random f16 weights of given names and shapes, the same in every run. Matrices and kernels are normal with a deviation
 * near 1/sqrt(inputs), norms are the identity and biases zero, so that activations keep their size through a network of
 * any depth. Tensors of similar deviation are views of one buffer: a model of gigabytes takes a few hundred megabytes
 * here.
 */
final class RandomCheckpoint implements Checkpoint {
    private static final int OFFSETS = 1 << 12;

    private final Path source;
    private final Map<String, Shape> shapes;
    private final Map<Double, Long> largest = new HashMap<>();
    private final Map<Double, HostTensor> buffers = new HashMap<>();

    RandomCheckpoint(Path source, Map<String, Shape> shapes) {
        this.source = source;
        this.shapes = shapes;
        shapes.forEach((name, shape) -> largest.merge(deviation(shape), shape.count(), Math::max));
    }

    /** A power of two, so that there are few; 0 for vectors. */
    private static double deviation(Shape shape) {
        if (shape.rank() == 1) {
            return 0;
        }
        double inputs = (double) shape.count() / shape.dim(0);
        return Math.pow(2, -Math.rint(Math.log(inputs) / Math.log(2) / 2));
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(shapes.keySet());
    }

    @Override
    public Shape shape(String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw CheckpointException.of(source, "tensor " + name, "no such tensor");
        }
        return shape;
    }

    @Override
    public DType dtype(String name) {
        shape(name);
        return DType.F16;
    }

    @Override
    public synchronized HostTensor tensor(String name) {
        Shape shape = shape(name);
        int bytes = Math.toIntExact(shape.count() * DType.F16.bytes());
        double deviation = deviation(shape);
        if (deviation == 0) {
            return constant(name, shape, name.endsWith(".weight") ? (short) 0x3c00 : 0);
        }
        HostTensor all = buffers.computeIfAbsent(deviation,
            d -> RandomTensors.host(d, Math.toIntExact(largest.get(d) + OFFSETS)));
        int from = DType.F16.bytes() * Math.floorMod(name.hashCode(), OFFSETS);
        return new HostTensor(name, DType.F16, shape, all.data().slice(from, bytes));
    }

    private static HostTensor constant(String name, Shape shape, short f16) {
        ByteBuffer data = HostTensor.allocate(Math.toIntExact(shape.count() * DType.F16.bytes()));
        while (data.hasRemaining()) {
            data.putShort(f16);
        }
        return new HostTensor(name, DType.F16, shape, data.flip());
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Path source() {
        return source;
    }

    @Override
    public void close() {
        // nothing is open
    }
}
