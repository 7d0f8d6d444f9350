package org.daguerre.tensor;

/**
 * Conversion between {@code float} and the two 16-bit float formats: IEEE 754 binary16 (f16) and bfloat16 (bf16). To 16
 * bits the result is rounded to the nearest value, ties to even; overflow becomes infinity; a NaN stays a NaN with the
 * upper bits of its payload. To 32 bits every value is exact.
 */
public final class HalfFloats {
    /** 2^112: moves the exponent bias from 15 to 127. */
    private static final float REBIAS = 0x1p112f;

    private HalfFloats() {
    }

    /** The value of binary16 bits. */
    public static float f16ToFloat(short bits) {
        int magnitude = bits & 0x7fff;
        int sign = (bits & 0x8000) << 16;
        if (magnitude >= 0x7c00) {
            return Float.intBitsToFloat(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
        }
        // The product is exact for subnormal halves too: they are subnormal floats scaled into the normal range.
        float value = Float.intBitsToFloat(magnitude << 13) * REBIAS;
        return Float.intBitsToFloat(sign | Float.floatToRawIntBits(value));
    }

    /** The binary16 bits nearest to {@code value}. */
    public static short floatToF16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            int payload = magnitude >> 13 & 0x3ff;
            return (short) (sign | 0x7c00 | (payload == 0 ? 0x200 : payload));
        }
        if (magnitude >= 0x477ff000) { // 65520, half way between the largest half and the next power of two
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x38800000) { // below 2^-14: subnormal, in units of 2^-24
            // Adding 0.5 leaves exactly ten fraction bits, so the addition itself rounds to nearest even.
            float rounded = Float.intBitsToFloat(magnitude) + 0.5f;
            return (short) (sign | Float.floatToRawIntBits(rounded) - 0x3f000000);
        }
        int odd = magnitude >> 13 & 1;
        return (short) (sign | magnitude - 0x38000000 + 0xfff + odd >> 13);
    }

    /** The value of bfloat16 bits. */
    public static float bf16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The bfloat16 bits nearest to {@code value}. */
    public static short floatToBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return (short) ((bits & 0x7f0000) == 0 ? bits >>> 16 | 0x40 : bits >>> 16);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
