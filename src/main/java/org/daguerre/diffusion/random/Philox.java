package org.daguerre.diffusion.random;

/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") used as PyTorch's CUDA generator
 * uses it for latents: element i of the k-th call comes from counter (k, 0, i, 0) under the seed as key, through the
 * sine branch of Box-Muller. Stateless but for k, so any element can be computed alone.
 */
public final class Philox implements NormalGenerator {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final long LOW = 0xFFFFFFFFL;
    private static final double UNIT = 0x1p-32;
    private static final double UNIT_2PI = UNIT * 2 * Math.PI;

    private final int keyLow;
    private final int keyHigh;
    private int calls;

    public Philox(long seed) {
        keyLow = (int) seed;
        keyHigh = (int) (seed >>> 32);
    }

    @Override
    public float[] next(int count) {
        float[] out = new float[count];
        int[] block = new int[4];
        for (int i = 0; i < count; i++) {
            block[0] = calls;
            block[1] = 0;
            block[2] = i;
            block[3] = 0;
            scramble(block, keyLow, keyHigh);
            out[i] = (float) (radius(block[0]) * Math.sin(angle(block[1])));
        }
        calls++;
        return out;
    }

    /** Replaces a counter of four words by its four random words. */
    public static void scramble(int[] counter, int keyLow, int keyHigh) {
        int k0 = keyLow;
        int k1 = keyHigh;
        for (int r = 0; r < ROUNDS; r++) {
            long a = (counter[0] & LOW) * MULTIPLIER_0;
            long b = (counter[2] & LOW) * MULTIPLIER_1;
            counter[0] = (int) (b >>> 32) ^ counter[1] ^ k0;
            counter[1] = (int) b;
            counter[2] = (int) (a >>> 32) ^ counter[3] ^ k1;
            counter[3] = (int) a;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
    }

    /** Box-Muller's radius for a random word. */
    static double radius(int word) {
        return Math.sqrt(-2 * Math.log((word & LOW) * UNIT + UNIT / 2));
    }

    /** Box-Muller's angle for a random word. */
    static double angle(int word) {
        return (word & LOW) * UNIT_2PI + UNIT_2PI / 2;
    }
}
