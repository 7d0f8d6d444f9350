package org.daguerre.testing;

import org.daguerre.tensor.DType;
import org.daguerre.tensor.HalfFloats;
import org.daguerre.tensor.Shape;

/** Compares a result with the reference's; written so that NaN fails. */
public final class Accuracy {
    private static final double NMSE_F32 = 1e-7;

    private Accuracy() {
    }

    /**
     * @param type type in which {@code actual} was stored
     * @throws AssertionError with {@code what}, the worst element, and both values
     */
    public static void check(String what, Limits limits, DType type, Shape shape, float[] expected, float[] actual) {
        if (expected.length != actual.length) {
            throw new AssertionError(what + ": expected " + expected.length + " values, found " + actual.length);
        }
        double floor = type == DType.F16 ? 1e-3 : 8e-3;
        double rms = rms(expected, type);
        double difference = 0;
        double roundings = 0;
        for (int i = 0; i < expected.length; i++) {
            double rounded = round(expected[i], type);
            if (Double.isInfinite(rounded)) {
                require(actual[i] == rounded, what, shape, i, expected, actual, "infinity");
                continue;
            }
            double off = Math.abs((double) actual[i] - expected[i]);
            require(off <= bound(limits, type, expected[i], rms), what, shape, i, expected, actual,
                "an error of at most "
                + bound(limits, type, expected[i], rms));
            difference += off * off;
            roundings += (rounded - expected[i]) * (rounded - expected[i]);
        }
        if (rms > 0) {
            double norm = rms * rms * expected.length;
            double error = difference / norm;
            double largest = type == DType.F32 ? NMSE_F32
                : square(Math.max(floor, limits.factor() * Math.sqrt(roundings / norm)));
            if (!(error <= largest)) {
                throw new AssertionError(what + " " + shape + " seed " + Values.seed()
                    + ": expected a relative L2 error of at most "
                    + Math.sqrt(largest) + ", found " + Math.sqrt(error));
            }
        }
    }

    /** Both must have the same bits. */
    public static void same(String what, Shape shape, float[] expected, float[] actual) {
        if (expected.length != actual.length) {
            throw new AssertionError(what + ": expected " + expected.length + " values, found " + actual.length);
        }
        for (int i = 0; i < expected.length; i++) {
            require(Float.floatToRawIntBits(expected[i]) == Float.floatToRawIntBits(actual[i])
                && !Float.isNaN(actual[i]), what, shape, i,
                expected, actual, "the same bits");
        }
    }

    private static double bound(Limits limits, DType type, double expected, double rms) {
        if (type == DType.F32) {
            return limits.absolute() * Math.max(1, rms) + limits.relative() * Math.abs(expected);
        }
        double unit = type == DType.F16 ? 0x1p-11 : 0x1p-8;
        double smallest = type == DType.F16 ? 0x1p-24 : 0;
        return limits.elements() * unit * (Math.abs(expected) + rms) + smallest;
    }

    private static double rms(float[] values, DType type) {
        double sum = 0;
        for (float v : values) {
            sum += Double.isInfinite(round(v, type)) ? 0 : (double) v * v;
        }
        return Math.sqrt(sum / values.length);
    }

    /** The value nearest to {@code x} that the type can hold. */
    public static double round(float x, DType type) {
        return switch (type) {
            case F16 -> HalfFloats.f16ToFloat(HalfFloats.floatToF16(x));
            case BF16 -> HalfFloats.bf16ToFloat(HalfFloats.floatToBf16(x));
            default -> x;
        };
    }

    private static double square(double x) {
        return x * x;
    }

    private static void require(boolean holds, String what, Shape shape, int i, float[] expected, float[] actual,
        String rule) {
        if (!holds) {
            throw new AssertionError(what + " " + shape + " seed " + Values.seed() + ": expected " + rule + " at "
                + index(shape, i) + ": "
                + expected[i] + ", found " + actual[i]);
        }
    }

    private static String index(Shape shape, int i) {
        StringBuilder text = new StringBuilder();
        long rest = i;
        for (int d = shape.rank() - 1; d >= 0; d--) {
            text.insert(0, (d == 0 ? "" : ", ") + rest % shape.dim(d));
            rest /= shape.dim(d);
        }
        return "(" + text + ")";
    }
}
