package org.daguerre.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfFloatsTest {
    /** The value of binary16 bits by the definition: sign, five exponent bits with bias 15, ten fraction bits. */
    private static double half(int bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        double magnitude = exponent == 31 ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
            : exponent == 0 ? Math.scalb(fraction, -24) : Math.scalb(1024.0 + fraction, exponent - 25);
        return (bits & 0x8000) == 0 ? magnitude : -magnitude;
    }

    @Test
    void everyHalfHasItsValueAndComesBack() {
        for (int bits = 0; bits < 65536; bits++) {
            float value = HalfFloats.f16ToFloat((short) bits);
            assertEquals((float) half(bits), value, "bits " + bits);
            assertEquals((short) bits, HalfFloats.floatToF16(value), "bits " + bits);
        }
    }

    @Test
    void everyBfloatHasItsValueAndComesBack() {
        for (int bits = 0; bits < 65536; bits++) {
            float value = HalfFloats.bf16ToFloat((short) bits);
            assertEquals(bits << 16, Float.floatToRawIntBits(value));
            assertEquals((short) bits, HalfFloats.floatToBf16(value), "bits " + bits);
        }
    }

    /** Between every two neighbours: below the middle rounds down, above it up, the middle itself to the even one. */
    @Test
    void halvesRoundToNearestEven() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            double low = half(bits);
            double high = bits == 0x7bff ? 65536 : half(bits + 1);
            float middle = (float) ((low + high) / 2); // exact: one bit more than a half has
            short even = (short) (bits % 2 == 0 ? bits : bits + 1);
            assertEquals(even, HalfFloats.floatToF16(middle), "middle above " + bits);
            assertEquals((short) bits, HalfFloats.floatToF16(Math.nextDown(middle)), "below middle above " + bits);
            assertEquals((short) (bits + 1), HalfFloats.floatToF16(Math.nextUp(middle)), "above middle above " + bits);
            assertEquals((short) (even | 0x8000), HalfFloats.floatToF16(-middle), "middle below -" + bits);
        }
    }

    @Test
    void bfloatsRoundToNearestEven() {
        for (int bits = 0; bits < 0x7f80; bits++) {
            float middle = Float.intBitsToFloat(bits << 16 | 0x8000);
            short even = (short) (bits % 2 == 0 ? bits : bits + 1);
            assertEquals(even, HalfFloats.floatToBf16(middle), "middle above " + bits);
            assertEquals((short) bits, HalfFloats.floatToBf16(Float.intBitsToFloat((bits << 16 | 0x8000) - 1)));
            assertEquals((short) (bits + 1), HalfFloats.floatToBf16(Float.intBitsToFloat((bits << 16 | 0x8000) + 1)));
        }
    }

    @Test
    void extremes() {
        assertEquals((short) 0x7c00, HalfFloats.floatToF16(Float.MAX_VALUE));
        assertEquals((short) 0xfc00, HalfFloats.floatToF16(Float.NEGATIVE_INFINITY));
        assertEquals((short) 0, HalfFloats.floatToF16(Float.MIN_VALUE));
        assertEquals((short) 0x8000, HalfFloats.floatToF16(-0f));
        assertEquals((short) 0x7f80, HalfFloats.floatToBf16(Float.MAX_VALUE));
        assertTrue(Float.isNaN(HalfFloats.f16ToFloat(HalfFloats.floatToF16(Float.intBitsToFloat(0x7f800001)))));
        assertTrue(Float.isNaN(HalfFloats.bf16ToFloat(HalfFloats.floatToBf16(Float.intBitsToFloat(0x7f800001)))));
    }

    /** Random floats: no half is nearer than the one chosen. */
    @Test
    void nothingIsNearer() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            float x = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(x) && Math.abs(x) < 65504) {
                short chosen = HalfFloats.floatToF16(x);
                double error = Math.abs(half(chosen & 0xffff) - x);
                assertTrue(error <= Math.abs(half((chosen & 0xffff) + 1) - x), "value " + x);
                assertTrue((chosen & 0x7fff) == 0 || error <= Math.abs(half((chosen & 0xffff) - 1) - x), "value " + x);
            }
        }
    }

    @Test
    void hostTensorsConvert() {
        float[] values = {1.5f, -2.25f, 65504f, 3.0e-4f};
        HostTensor f32 = HostTensor.of("x", Shape.of(2, 2), values);
        assertArrayEquals(values, f32.toFloats());
        float[] halves = f32.to(DType.F16).toFloats();
        float[] bfloats = f32.to(DType.BF16).toFloats();
        for (int i = 0; i < values.length; i++) {
            assertEquals(values[i], halves[i], Math.abs(values[i]) / 2048);
            assertEquals(values[i], bfloats[i], Math.abs(values[i]) / 256);
        }
        assertEquals(8, f32.to(DType.F16).bytes());
    }

    @Test
    void doublesConvert() {
        var data = HostTensor.allocate(16);
        data.putDouble(0.1).putDouble(-1e300).flip();
        assertArrayEquals(new float[] {0.1f, Float.NEGATIVE_INFINITY},
            new HostTensor("d", DType.F64, Shape.of(2), data).toFloats());
    }
}
