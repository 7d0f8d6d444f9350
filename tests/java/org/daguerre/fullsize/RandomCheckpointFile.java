package org.daguerre.fullsize;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HalfFloats;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.SafetensorsWriter;
import org.daguerre.weights.dialect.LayoutTable;

/**
 * A single-file checkpoint with the names and shapes of a published model and random numbers in them, in fp16. Weights
 * have a deviation of 1 / sqrt(inputs), norms are 1, biases 0, so that activations keep the size that real ones have.
 * Only one tensor is in memory at a time.
 */
final class RandomCheckpointFile {
    /** Normal numbers per deviation; tensors are put together from pieces of them, which is as fast as copying. */
    private static final int POOL = 1 << 18;
    /** Odd, so that the rows of a matrix do not repeat. */
    private static final int PIECE = 4099;
    private static final short ONE = HalfFloats.floatToF16(1);

    private final SplittableRandom places = new SplittableRandom(20);
    private final Map<Integer, short[]> pools = new HashMap<>();
    private final float[] normal = new float[POOL];

    private RandomCheckpointFile() {
        Random random = new Random(15);
        for (int i = 0; i < POOL; i++) {
            normal[i] = (float) random.nextGaussian();
        }
    }

    /**
     * Writes the file.
     *
     * @param layouts tables of {@code tests/fixtures/layouts} whose original tensors the file gets
     */
    static void write(Path file, List<String> layouts) {
        Map<String, Shape> tensors = new LinkedHashMap<>();
        layouts.forEach(name -> tensors.putAll(LayoutTable.read(name).originals()));
        List<SafetensorsWriter.Entry> entries = tensors.entrySet().stream()
            .map(e -> new SafetensorsWriter.Entry(e.getKey(), type(e.getKey()), e.getValue())).toList();
        RandomCheckpointFile numbers = new RandomCheckpointFile();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, Map.of())) {
            int largest = entries.stream().mapToInt(RandomCheckpointFile::bytes).max().orElseThrow();
            ByteBuffer space = HostTensor.allocate(largest);
            for (SafetensorsWriter.Entry e : entries) {
                space.clear().limit(bytes(e));
                numbers.fill(e, space);
                writer.put(new HostTensor(e.name(), e.dtype(), e.shape(), space.rewind()));
            }
            writer.finish();
        }
    }

    /** The one integer buffer of the published files. */
    private static DType type(String name) {
        return name.endsWith("position_ids") ? DType.I64 : DType.F16;
    }

    private static int bytes(SafetensorsWriter.Entry e) {
        return Math.toIntExact(e.shape().count() * e.dtype().bytes());
    }

    private void fill(SafetensorsWriter.Entry e, ByteBuffer target) {
        if (e.dtype() == DType.I64) {
            for (long i = 0; i < e.shape().count(); i++) {
                target.putLong(i);
            }
        } else if (e.shape().rank() < 2) {
            short value = e.name().endsWith(".weight") ? ONE : 0;
            while (target.hasRemaining()) {
                target.putShort(value);
            }
        } else {
            int inputs = Math.toIntExact(e.shape().count() / e.shape().dim(0));
            short[] pool = pools.computeIfAbsent(inputs, this::pool);
            var values = target.asShortBuffer();
            while (values.hasRemaining()) {
                values.put(pool, places.nextInt(POOL - PIECE), Math.min(PIECE, values.remaining()));
            }
        }
    }

    private short[] pool(int inputs) {
        short[] pool = new short[POOL];
        for (int i = 0; i < POOL; i++) {
            pool[i] = HalfFloats.floatToF16((float) (normal[i] / Math.sqrt(inputs)));
        }
        return pool;
    }
}
