package org.daguerre.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.Objects;

/**
 * A tensor in host memory, contiguous, outermost dimension first, as it lies in the file. {@code data} is a read-only,
 * little-endian, direct buffer of exactly {@code shape.count() * dtype.bytes()} bytes, usually a slice of a mapped
 * file.
 *
 * @param mapped whether the data lies in a file that is mapped into memory
 */
public record HostTensor(String name, DType dtype, Shape shape, ByteBuffer data, boolean mapped) {
    /** @throws IllegalArgumentException if the buffer is not direct or its size does not fit the shape */
    public HostTensor {
        Objects.requireNonNull(name, "name");
        long bytes = Math.multiplyExact(shape.count(), (long) dtype.bytes());
        if (data.remaining() != bytes) {
            throw new IllegalArgumentException("tensor " + name + ": expected " + bytes + " bytes for " + dtype + " "
                + shape + ", found " + data.remaining());
        }
        if (!data.isDirect()) {
            throw new IllegalArgumentException("tensor " + name + ": expected a direct buffer, found one on the heap");
        }
        data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A tensor in memory of its own. */
    public HostTensor(String name, DType dtype, Shape shape, ByteBuffer data) {
        this(name, dtype, shape, data, false);
    }

    /** A tensor that holds a copy of {@code values} as f32. */
    public static HostTensor of(String name, Shape shape, float[] values) {
        ByteBuffer data = allocate(Math.multiplyExact(values.length, 4));
        data.asFloatBuffer().put(values);
        return new HostTensor(name, DType.F32, shape, data);
    }

    public static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A view of the bytes with its own position; read-only, little-endian. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Size in bytes. */
    public int bytes() {
        return data.capacity();
    }

    /** The same data under another name. */
    public HostTensor withName(String other) {
        return new HostTensor(other, dtype, shape, data, mapped);
    }

    /** The same data under another shape with as many elements. */
    public HostTensor reshape(Shape other) {
        if (other.count() != shape.count()) {
            throw new IllegalArgumentException("tensor " + name + ": cannot reshape " + shape + " to " + other);
        }
        return new HostTensor(name, dtype, other, data, mapped);
    }

    /**
     * All elements as floats, in order.
     *
     * @throws IllegalArgumentException if the elements are not floating point numbers
     */
    public float[] toFloats() {
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("tensor " + name + ": expected floating point numbers, found " + dtype);
        }
        float[] values = new float[Math.toIntExact(shape.count())];
        switch (dtype) {
            case F32 -> data().asFloatBuffer().get(values);
            case F16 -> fromF16(data().asShortBuffer(), values);
            case BF16 -> fromBf16(data().asShortBuffer(), values);
            default -> {
                ByteBuffer bytes = data();
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) bytes.getDouble(8 * i);
                }
            }
        }
        return values;
    }

    private static void fromF16(ShortBuffer source, float[] values) {
        short[] block = new short[Math.min(values.length, 1 << 14)];
        for (int start = 0; start < values.length; start += block.length) {
            int n = Math.min(block.length, values.length - start);
            source.get(block, 0, n);
            for (int i = 0; i < n; i++) {
                values[start + i] = HalfFloats.f16ToFloat(block[i]);
            }
        }
    }

    private static void fromBf16(ShortBuffer source, float[] values) {
        short[] block = new short[Math.min(values.length, 1 << 14)];
        for (int start = 0; start < values.length; start += block.length) {
            int n = Math.min(block.length, values.length - start);
            source.get(block, 0, n);
            for (int i = 0; i < n; i++) {
                values[start + i] = HalfFloats.bf16ToFloat(block[i]);
            }
        }
    }

    /**
     * The same numbers in another floating point type, rounded to nearest even; this tensor itself if it has that type.
     *
     * @throws IllegalArgumentException if either type is not one of F32, F16, BF16 (or F64 as the source)
     */
    public HostTensor to(DType target) {
        if (target == dtype) {
            return this;
        }
        float[] values = toFloats();
        ByteBuffer out = allocate(Math.multiplyExact(values.length, target.bytes()));
        switch (target) {
            case F32 -> out.asFloatBuffer().put(values);
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    out.putShort(2 * i, HalfFloats.floatToF16(values[i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    out.putShort(2 * i, HalfFloats.floatToBf16(values[i]));
                }
            }
            default -> throw new IllegalArgumentException("tensor " + name + ": cannot convert " + dtype + " to "
                + target);
        }
        return new HostTensor(name, target, shape, out);
    }

    @Override
    public String toString() {
        return name + " " + dtype + " " + shape;
    }
}
