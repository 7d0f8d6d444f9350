package org.daguerre.testing;

import java.util.SplittableRandom;

/**
 * What tests put into tensors. Every tensor of a test has its own name and so its own numbers, the same on every
 * engine.
 */
public enum Values {
    /** Standard normal. */
    NORMAL,
    /** Standard normal around 1000: what sums of squares without the mean get wrong. */
    OFFSET,
    /** Uniform within the upper half of what f16 can hold, either sign. */
    LARGE,
    /** Around f16's smallest normal number, 6e-5, subnormal ones included. */
    SMALL,
    /** The same number everywhere. */
    EQUAL,
    /** Zero everywhere. */
    ZERO;

    /** The seed of this run; {@code -Dtest.seed=} replaces it. */
    public static long seed() {
        return Long.getLong("test.seed", 1839);
    }

    public float[] array(String name, long count) {
        return array(name, count, 1);
    }

    /** {@code count} numbers that depend on the seed and on {@code name}, times {@code scale}. */
    public float[] array(String name, long count, double scale) {
        SplittableRandom random = new SplittableRandom(seed() * 0x9E3779B97F4A7C15L + name.hashCode());
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * next(random));
        }
        return values;
    }

    private double next(SplittableRandom random) {
        return switch (this) {
            case NORMAL -> random.nextGaussian();
            case OFFSET -> 1000 + random.nextGaussian();
            case LARGE -> (random.nextBoolean() ? 1 : -1) * random.nextDouble(32000, 65000);
            case SMALL -> 3e-5 * random.nextGaussian();
            case EQUAL -> 0.75;
            case ZERO -> 0;
        };
    }
}
