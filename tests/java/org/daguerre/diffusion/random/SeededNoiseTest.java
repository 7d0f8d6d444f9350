package org.daguerre.diffusion.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.daguerre.diffusion.random.SeededNoise.Variation;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SeededNoiseTest {
    private static final Shape ONE = Shape.of(1, 6, 5, 4);
    private static final Shape THREE = Shape.of(3, 6, 5, 4);
    private static final int COUNT = 120;

    private static float[] draw(SeededNoise noise, Shape shape) {
        try (Ops ops = Ops.on(new ReferenceBackend())) {
            return ops.download(noise.draw(ops, shape));
        }
    }

    private static float[] brownian(SeededNoise noise, Shape shape) {
        try (Ops ops = Ops.on(new ReferenceBackend())) {
            return ops.download(noise.brownian(ops, shape, 3, 2));
        }
    }

    @ParameterizedTest
    @EnumSource(Rng.class)
    void samePictureAloneAndInABatch(Rng rng) {
        SeededNoise batch = new SeededNoise(rng, 42, 3);
        SeededNoise alone = new SeededNoise(rng, 44, 1);
        for (int k = 0; k < 3; k++) {
            float[] all = draw(batch, THREE);
            assertArrayEquals(Arrays.copyOfRange(all, 2 * COUNT, 3 * COUNT), draw(alone, ONE));
        }
        float[] all = brownian(batch, THREE);
        assertArrayEquals(Arrays.copyOfRange(all, 2 * COUNT, 3 * COUNT), brownian(alone, ONE));
    }

    @Test
    void valuesLieInPyTorchsOrder() {
        float[] chw = new Philox(9).next(COUNT);
        float[] hwc = draw(new SeededNoise(Rng.PHILOX, 9, 1), ONE);
        assertEquals(chw[3 * 30 + 2 * 5 + 4], hwc[(2 * 5 + 4) * 4 + 3], "channel 3, row 2, column 4");
    }

    @Test
    void variationStrengthZeroAndOneAreThePictures() {
        float[] plain = draw(new SeededNoise(Rng.PHILOX, 1, 1), ONE);
        float[] other = draw(new SeededNoise(Rng.PHILOX, 2, 1), ONE);
        assertArrayEquals(plain, draw(new SeededNoise(Rng.PHILOX, 1, 1, new Variation(2, 0)), ONE));
        assertArrayEquals(other, draw(new SeededNoise(Rng.PHILOX, 1, 1, new Variation(2, 1)), ONE), 1e-6f);
    }

    @Test
    void variationKeepsTheNoiseUnit() {
        Shape large = Shape.of(1, 64, 64, 4);
        float[] z = draw(new SeededNoise(Rng.PHILOX, 1, 1, new Variation(2, 0.5)), large);
        double square = 0;
        for (float v : z) {
            square += (double) v * v / z.length;
        }
        assertEquals(1, square, 0.05);
    }

    @Test
    void variationBatchesShareTheSeed() {
        SeededNoise noise = new SeededNoise(Rng.PHILOX, 5, 2, new Variation(100, 0.3));
        assertEquals(5, noise.seedOf(1));
        float[] both = draw(noise, Shape.of(2, 6, 5, 4));
        float[] second = draw(new SeededNoise(Rng.PHILOX, 5, 1, new Variation(101, 0.3)), ONE);
        assertArrayEquals(Arrays.copyOfRange(both, COUNT, 2 * COUNT), second);
        // later draws are the seed's own stream
        float[] next = draw(noise, Shape.of(2, 6, 5, 4));
        assertArrayEquals(Arrays.copyOf(next, COUNT), Arrays.copyOfRange(next, COUNT, 2 * COUNT));
    }

    @Test
    void slerpOfOrthogonalColumns() {
        // one channel, one column of height 2: angle 90 degrees
        float[] mid = Slerp.mix(new float[] {3, 0}, new float[] {0, 4}, Shape.of(1, 2, 1, 1), 0.5);
        assertArrayEquals(new float[] {(float) (3 * Math.sqrt(0.5)), (float) (4 * Math.sqrt(0.5))}, mid, 1e-6f);
        float[] parallel = Slerp.mix(new float[] {3, 0}, new float[] {5, 0}, Shape.of(1, 2, 1, 1), 0.25);
        assertArrayEquals(new float[] {3.5f, 0}, parallel, 1e-6f);
    }

    @Test
    void brownianIncrementsFitTogether() {
        BrownianTree tree = new BrownianTree(3);
        int n = 4000;
        double a = 10;
        double b = 4;
        double c = 0.5;
        float[] ab = tree.increment(n, a, b);
        float[] bc = tree.increment(n, b, c);
        float[] ac = tree.increment(n, a, c);
        double variance = 0;
        double product = 0;
        for (int i = 0; i < n; i++) {
            double joined = (ab[i] * Math.sqrt(a - b) + bc[i] * Math.sqrt(b - c)) / Math.sqrt(a - c);
            assertEquals(joined, ac[i], 1e-4);
            variance += (double) ab[i] * ab[i] / n;
            product += (double) ab[i] * bc[i] / n;
        }
        assertEquals(1, variance, 0.1);
        assertEquals(0, product, 0.08, "separate intervals are independent");
        // whatever was asked before
        assertArrayEquals(ac, new BrownianTree(3).increment(n, a, c));
        assertFalse(Arrays.equals(ac, new BrownianTree(4).increment(n, a, c)));
        assertThrows(IllegalArgumentException.class, () -> tree.increment(n, 2, 2));
        assertThrows(IllegalArgumentException.class, () -> tree.increment(n, Double.NaN, 2));
    }

    @Test
    void brownianShortSteps() {
        float[] z = new BrownianTree(1).increment(10_000, 0.0302, 0.0301);
        double variance = 0;
        for (float v : z) {
            variance += (double) v * v / z.length;
        }
        assertEquals(1, variance, 0.06);
    }

    @Test
    void wrongShapesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> draw(new SeededNoise(Rng.PHILOX, 1, 2), THREE));
        assertThrows(IllegalArgumentException.class, () -> new Variation(1, 1.5));
        assertThrows(IllegalArgumentException.class, () -> Rng.of("java"));
        try (Ops ops = Ops.on(new ReferenceBackend())) {
            GivenNoise given = new GivenNoise(List.of(new float[COUNT]));
            given.draw(ops, ONE);
            assertThrows(IllegalArgumentException.class, () -> given.draw(ops, ONE));
            assertThrows(IllegalArgumentException.class, () -> new GivenNoise(List.of(new float[3])).draw(ops, ONE));
        }
    }
}
