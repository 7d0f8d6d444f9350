package org.daguerre.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Random;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HalfFloats;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/**
 * Tensors for timing: normal values, for a GPU's clock depends on the bits it multiplies. One block of values,
 * repeated.
 */
final class RandomTensors {
    private static final int BLOCK = 1 << 18;

    private RandomTensors() {
    }

    /** On the engine, in the type that {@code ops} computes in. */
    static Tensor device(Ops ops, int... dims) {
        Tensor y = ops.empty(ops.type(), dims);
        Backend backend = ops.backend();
        float[] values = values(1);
        try (Ops own = ops.child()) {
            Tensor block = own.upload(values, BLOCK);
            for (long at = 0; at < y.count(); at += BLOCK) {
                int n = (int) Math.min(BLOCK, y.count() - at);
                Tensor part = new Tensor(y.buffer(), y.offset() + at, y.dtype(), Shape.of(n));
                backend.combine(part, new double[] {1}, new Tensor[] {new Tensor(block.buffer(), 0, DType.F32,
                    Shape.of(n))});
            }
            backend.synchronize();
        }
        return y;
    }

    /** In F32, as latents are. */
    static Tensor deviates(Ops ops, int... dims) {
        float[] block = values(1);
        float[] all = new float[Math.toIntExact(Shape.of(dims).count())];
        for (int at = 0; at < all.length; at += BLOCK) {
            System.arraycopy(block, 0, all, at, Math.min(BLOCK, all.length - at));
        }
        return ops.upload(all, dims);
    }

    /** Weights in f16, with {@code deviation}. */
    static HostTensor host(double deviation, int... dims) {
        Shape shape = Shape.of(dims);
        ByteBuffer data = HostTensor.allocate(Math.toIntExact(shape.count() * DType.F16.bytes()));
        float[] values = values(deviation);
        for (int i = 0; data.hasRemaining(); i++) {
            data.putShort(HalfFloats.floatToF16(values[i % BLOCK]));
        }
        return new HostTensor("random", DType.F16, shape, data.flip());
    }

    /** {@code n} f16 values with {@code deviation}, the same as {@link #host} makes. */
    static void write(double deviation, int n, FileChannel target) throws IOException {
        float[] values = values(deviation);
        ByteBuffer block = HostTensor.allocate(BLOCK * DType.F16.bytes());
        for (float v : values) {
            block.putShort(HalfFloats.floatToF16(v));
        }
        for (int left = n; left > 0; left -= BLOCK) {
            block.rewind().limit(Math.min(left, BLOCK) * DType.F16.bytes());
            while (block.hasRemaining()) {
                target.write(block);
            }
        }
    }

    /** Element {@code i} of what {@link #device} makes, before rounding to the engine's type. */
    static float[] block() {
        return values(1);
    }

    private static float[] values(double deviation) {
        Random random = new Random(1);
        float[] values = new float[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }
}
