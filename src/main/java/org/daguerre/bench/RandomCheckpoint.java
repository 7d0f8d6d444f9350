package org.daguerre.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
 * any depth. Tensors of similar deviation are views of one temporary file, which is mapped as a model's file is: a model
 * of gigabytes takes a few hundred megabytes of disk, and of memory what the same model in a file would.
 */
final class RandomCheckpoint implements Checkpoint {
    private static final int OFFSETS = 1 << 12;

    private final Path source;
    private final Map<String, Shape> shapes;
    private final Map<Double, Long> largest = new HashMap<>();
    private final Map<Double, ByteBuffer> files = new HashMap<>();

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
        ByteBuffer all = files.computeIfAbsent(deviation, d -> mapped(d, Math.toIntExact(largest.get(d) + OFFSETS)));
        int from = DType.F16.bytes() * Math.floorMod(name.hashCode(), OFFSETS);
        return new HostTensor(name, DType.F16, shape, all.slice(from, bytes), true);
    }

    /** {@code n} values in a file that is gone when nobody reads it any more. */
    private static ByteBuffer mapped(double deviation, int n) {
        try {
            Path file = Files.createTempFile("daguerre-random", ".f16");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                RandomTensors.write(deviation, n, channel);
                return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("random weights: cannot write a temporary file: " + e.getMessage(), e);
        }
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
