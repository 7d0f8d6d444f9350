package org.daguerre.tensor;

import java.nio.ByteBuffer;

/** Conversions between the 16-bit float types and f32, rounding to nearest even (IEEE 754-2019, section 4.3.1). */
public final class HalfFloats {
    private HalfFloats() {
    }

    public static float halfToFloat(short half) {
        int h = half & 0xffff;
        int sign = (h & 0x8000) << 16;
        int exponent = (h >>> 10) & 0x1f;
        int mantissa = h & 0x3ff;
        if (exponent == 31) {
            return Float.intBitsToFloat(sign | 0x7f800000 | mantissa << 13);
        }
        if (exponent == 0) {
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | (exponent + 112) << 23 | mantissa << 13);
    }

    public static short floatToHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 0x477ff000) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x38800000) {
            // Subnormal half: the addition of 0.5 * 2^-13 lets the float unit round at the right place.
            float shifted = Float.intBitsToFloat(magnitude) + 0x1p-1f;
            return (short) (sign | Float.floatToRawIntBits(shifted) - 0x3f000000);
        }
        int rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
        return (short) (sign | (rounded - 0x38000000) >>> 13);
    }

    public static float bfloatToFloat(short value) {
        return Float.intBitsToFloat(value << 16);
    }

    public static short floatToBfloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + ((bits >>> 16) & 1) >>> 16);
    }

    /** Reads {@code count} elements of {@code dtype} from the buffer's position on. */
    public static float[] toFloats(DType dtype, ByteBuffer data, int count) {
        float[] out = new float[count];
        int p = data.position();
        switch (dtype) {
            case F32 -> data.asFloatBuffer().get(out);
            case F16 -> fill(out, i -> halfToFloat(data.getShort(p + 2 * i)));
            case BF16 -> fill(out, i -> bfloatToFloat(data.getShort(p + 2 * i)));
            case F64 -> fill(out, i -> (float) data.getDouble(p + 8 * i));
            case I64 -> fill(out, i -> data.getLong(p + 8 * i));
            case I32 -> fill(out, i -> data.getInt(p + 4 * i));
            case I16 -> fill(out, i -> data.getShort(p + 2 * i));
            case I8 -> fill(out, i -> data.get(p + i));
            case U8, BOOL -> fill(out, i -> data.get(p + i) & 0xff);
        }
        return out;
    }

    private interface At {
        float get(int i);
    }

    private static void fill(float[] out, At at) {
        for (int i = 0; i < out.length; i++) {
            out[i] = at.get(i);
        }
    }
}
