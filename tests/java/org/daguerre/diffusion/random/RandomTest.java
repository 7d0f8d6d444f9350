package org.daguerre.diffusion.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Known answers of both generators: Random123's test vectors, and what PyTorch prints. */
class RandomTest {

    @Test
    void philoxTestVectors() {
        assertScrambled("6627e8d5 e169c58d bc57ac4c 9b00dbd8", new int[4], 0, 0);
        assertScrambled("408f276d 41c83b0e a20bc7c6 6d5451fd", new int[] {-1, -1, -1, -1}, -1, -1);
        assertScrambled("d16cfe09 94fdcceb 5001e420 24126ea1",
            new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0);
    }

    private static void assertScrambled(String expected, int[] counter, int keyLow, int keyHigh) {
        Philox.scramble(counter, keyLow, keyHigh);
        assertEquals(expected, String.format("%08x %08x %08x %08x", counter[0], counter[1], counter[2], counter[3]));
    }

    @Test
    void philoxMatchesCudaRandn() {
        // torch.randn(3, 4, device="cuda") with seed 0, every published digit
        assertArrayEquals(new float[] {-0.92466259f, -0.42534415f, -2.6438457f, 0.14518388f, -0.12086647f, -0.57972564f,
            -0.62285122f, -0.32838709f, -1.07454231f, -0.36314407f, -1.67105067f, 2.26550497f}, new Philox(0).next(12),
                3e-8f);
    }

    @Test
    void philoxElementsDoNotDependOnTheCount() {
        float[] many = new Philox(7).next(100_000);
        for (int n : new int[] {1, 2, 15, 16, 17, 4096, 99_999}) {
            assertArrayEquals(Arrays.copyOf(many, n), new Philox(7).next(n));
        }
    }

    @Test
    void mt19937FirstWords() {
        // The reference implementation's first outputs for its default seed
        Mt19937 mt = new Mt19937(5489);
        assertEquals(3499211612L, mt.nextInt() & 0xFFFFFFFFL);
        assertEquals(581869302L, mt.nextInt() & 0xFFFFFFFFL);
        for (int i = 2; i < 9999; i++) {
            mt.nextInt();
        }
        assertEquals(4123659995L, mt.nextInt() & 0xFFFFFFFFL, "the 10000th output, fixed by the C++ standard");
    }

    @Test
    void mt19937MatchesTorchRandn() {
        assertArrayEquals(new float[] {1.5409961f, -0.2934289f, -2.1787894f, 0.5684313f}, new Mt19937(0).next(4),
            1e-7f);
        assertArrayEquals(new float[] {-1.1258398f, -1.1523602f, -0.2505786f, -0.4338788f, 0.8487104f, 0.6920092f,
            -0.3160128f,
            -2.1152194f}, Arrays.copyOf(new Mt19937(0).next(16), 8), 5e-7f);
    }

    @Test
    void mt19937MatchesTorchLatents() {
        float[] z = new Mt19937(42).next(4 * 64 * 64);
        assertArrayEquals(new float[] {1.9269153f, 1.4872841f, 0.9007172f, -2.1055210f}, Arrays.copyOf(z, 4), 5e-7f);
        assertArrayEquals(new float[] {0.9728097f, -0.2934061f}, Arrays.copyOfRange(z, z.length - 2, z.length), 5e-7f);
        double sum = 0;
        double squares = 0;
        for (float v : z) {
            sum += v;
            squares += (double) v * v;
        }
        assertEquals(149.7648, sum, 1e-3);
        assertEquals(16516.3999, squares, 1e-3);
    }

    @Test
    void mt19937TailIsDrawnAgain() {
        // 17 numbers: the first block's 16 are those of 16 numbers but for the last 16, which are drawn anew
        float[] seventeen = new Mt19937(0).next(17);
        assertEquals(new Mt19937(0).next(16)[0], seventeen[0]);
        Mt19937 mt = new Mt19937(0);
        for (int i = 0; i < 17; i++) {
            mt.nextInt();
        }
        assertArrayEquals(mt.next(16), Arrays.copyOfRange(seventeen, 1, 17));
    }

    @ParameterizedTest
    @EnumSource(Rng.class)
    void allSizesAreGaussian(Rng rng) {
        for (int n : new int[] {1, 2, 3, 15, 16, 17, 31, 33, 1000, 16384, 100_000}) {
            float[] z = rng.seeded(123).next(n);
            double mean = 0;
            double square = 0;
            for (float v : z) {
                assertTrue(Math.abs(v) < 7, "finite");
                mean += v / n;
                square += (double) v * v / n;
            }
            assertEquals(0, mean, 5 / Math.sqrt(n), rng + " mean of " + n);
            assertEquals(1, square, 8 / Math.sqrt(n), rng + " variance of " + n);
        }
    }

    @ParameterizedTest
    @EnumSource(Rng.class)
    void seedsAndCallsDiffer(Rng rng) {
        NormalGenerator g = rng.seeded(1);
        float[] first = g.next(64);
        assertTrue(!Arrays.equals(first, g.next(64)));
        assertTrue(!Arrays.equals(first, rng.seeded(2).next(64)));
        assertArrayEquals(first, rng.seeded(1).next(64));
    }
}
