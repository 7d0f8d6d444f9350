package org.daguerre.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor in host memory, usually a slice of a mapped file.
 *
 * @param name full name, for messages
 * @param data little-endian, read-only, exactly {@code shape.count() * dtype.bytes()} bytes from position 0 to its limit
 */
public record HostTensor(String name, DType dtype, Shape shape, ByteBuffer data) {
    public HostTensor {
        long expected = shape.count() * dtype.bytes();
        if (data.remaining() != expected) {
            throw new IllegalArgumentException("tensor " + name + " " + dtype + " " + shape + ": expected " + expected
                + " bytes, found " + data.remaining());
        }
        data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A copy of {@code values} as an F32 tensor in direct memory. */
    public static HostTensor of(String name, Shape shape, float[] values) {
        ByteBuffer b = ByteBuffer.allocateDirect(Math.multiplyExact(values.length, 4)).order(ByteOrder.LITTLE_ENDIAN);
        b.asFloatBuffer().put(values);
        return new HostTensor(name, DType.F32, shape, b);
    }

    /** Same data under another shape. */
    public HostTensor reshape(int... dims) {
        return new HostTensor(name, dtype, Shape.of(dims), data);
    }

    /** The values as floats; integers are converted. */
    public float[] toFloats() {
        return HalfFloats.toFloats(dtype, data.duplicate().order(ByteOrder.LITTLE_ENDIAN), Math.toIntExact(shape.count()));
    }
}
