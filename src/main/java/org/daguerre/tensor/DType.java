package org.daguerre.tensor;

/** Element type of a tensor. The {@link #code()} is the number that {@code kernels.h} uses for it. */
public enum DType {
    F32(0, 4), F16(1, 2), BF16(2, 2), I32(3, 4), I64(4, 8), F64(5, 8), U8(6, 1), I8(7, 1), I16(8, 2), BOOL(9, 1);

    private final int code;
    private final int bytes;

    DType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The number of this type in {@code kernels.h} ({@code DG_F32}, ...). */
    public int code() {
        return code;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    public boolean isFloat() {
        return this == F32 || this == F16 || this == BF16 || this == F64;
    }
}
