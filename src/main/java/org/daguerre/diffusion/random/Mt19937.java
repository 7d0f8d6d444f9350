package org.daguerre.diffusion.random;

/**
 * PyTorch's CPU generator: Mersenne Twister (Matsumoto and Nishimura 1998) with two ways to Gaussians. Calls for fewer
 * than 16 numbers use Box-Muller in double, pair by pair; larger ones fill the result with float32 uniforms and
 * transform it in blocks of 16, so the two disagree from the first number on.
 */
public final class Mt19937 implements NormalGenerator {
    private static final int N = 624;
    private static final int M = 397;
    private static final int BLOCK = 16;

    private final int[] state = new int[N];
    private int place = N;
    private double spare = Double.NaN;

    /** Only the low 32 bits of the seed count. */
    public Mt19937(long seed) {
        state[0] = (int) seed;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    @Override
    public float[] next(int count) {
        float[] out = new float[count];
        if (count < BLOCK) {
            for (int i = 0; i < count; i++) {
                out[i] = (float) nextGaussian();
            }
            return out;
        }
        fillUniform(out, 0);
        for (int i = 0; i + BLOCK <= count; i += BLOCK) {
            transform(out, i);
        }
        if (count % BLOCK != 0) {
            // The last 16 are drawn again as a whole.
            fillUniform(out, count - BLOCK);
            transform(out, count - BLOCK);
        }
        return out;
    }

    private void fillUniform(float[] out, int from) {
        for (int i = from; i < out.length; i++) {
            out[i] = (nextInt() & 0xFFFFFF) * 0x1p-24f;
        }
    }

    private static void transform(float[] out, int from) {
        for (int i = from; i < from + BLOCK / 2; i++) {
            double radius = Math.sqrt(-2 * Math.log(1f - out[i]));
            double angle = 2 * Math.PI * out[i + BLOCK / 2];
            out[i] = (float) (radius * Math.cos(angle));
            out[i + BLOCK / 2] = (float) (radius * Math.sin(angle));
        }
    }

    private double nextGaussian() {
        if (!Double.isNaN(spare)) {
            double z = spare;
            spare = Double.NaN;
            return z;
        }
        double angle = 2 * Math.PI * nextUniform();
        double radius = Math.sqrt(-2 * Math.log1p(-nextUniform()));
        spare = radius * Math.sin(angle);
        return radius * Math.cos(angle);
    }

    private double nextUniform() {
        long high = nextInt() & 0xFFFFFFFFL;
        long low = nextInt() & 0xFFFFFFFFL;
        return ((high << 32 | low) & (1L << 53) - 1) * 0x1p-53;
    }

    int nextInt() {
        if (place == N) {
            twist();
        }
        int y = state[place++];
        y ^= y >>> 11;
        y ^= y << 7 & 0x9D2C5680;
        y ^= y << 15 & 0xEFC60000;
        return y ^ y >>> 18;
    }

    private void twist() {
        for (int i = 0; i < N; i++) {
            int y = state[i] & 0x80000000 | state[(i + 1) % N] & 0x7FFFFFFF;
            state[i] = state[(i + M) % N] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
        }
        place = 0;
    }
}
