package org.daguerre.diffusion.random;

/**
 * A Brownian path over the noise levels 0..8192, one per latent value, that is the same function of sigma however many
 * steps look at it: the path is built by halving (Levy's construction), each half's midpoint from its own Philox
 * counter. Idea of Li et al. 2020, arXiv:2001.01328, as in k-diffusion; the random values themselves are ours.
 */
final class BrownianTree {
    private static final double END = 8192; // the noisiest zero-terminal-SNR level is 4096
    private static final int DEPTH = 34; // down to 5e-7
    private static final long GRID = 1L << DEPTH;

    private final int keyLow;
    private final int keyHigh;
    // The path down to the place asked last: node ids and the path's values at each node's two ends.
    private final long[] nodes = new long[DEPTH];
    private final float[][] middles = new float[DEPTH][];
    private float[] total;

    BrownianTree(long seed) {
        // Another key than the seed's own stream, so that the tree is independent of the starting noise.
        keyLow = (int) seed ^ 0x62726F77;
        keyHigh = (int) (seed >>> 32) ^ 0x6E69616E;
    }

    /** (W(from) - W(to)) / sqrt(|from - to|) for {@code count} values. */
    float[] increment(int count, double from, double to) {
        long a = grid(from);
        long b = grid(to);
        if (a == b) {
            throw new IllegalArgumentException("brownian increment: expected two noise levels, found " + from
                + " twice");
        }
        double[] wa = value(count, a);
        double[] wb = value(count, b);
        double scale = 1 / Math.sqrt(Math.abs(a - b) * (END / GRID));
        float[] out = new float[count];
        for (int i = 0; i < count; i++) {
            out[i] = (float) ((wa[i] - wb[i]) * scale);
        }
        return out;
    }

    private static long grid(double sigma) {
        if (!(sigma >= 0 && sigma <= END)) {
            throw new IllegalArgumentException("brownian increment: expected noise levels within 0.." + END + ", found "
                + sigma);
        }
        return Math.round(sigma / END * GRID);
    }

    /** W at a grid point: walks down from the whole interval, keeping the values at the current interval's ends. */
    private double[] value(int count, long point) {
        if (total == null || total.length != count) {
            total = gaussians(count, 0);
            java.util.Arrays.fill(nodes, 0);
        }
        double[] low = new double[count];
        double[] high = new double[count];
        for (int i = 0; i < count; i++) {
            high[i] = total[i] * Math.sqrt(END);
        }
        long from = 0;
        long width = GRID;
        long node = 1;
        for (int level = 0; level < DEPTH && point != from && point != from + width; level++) {
            float[] z = middle(count, level, node);
            double spread = Math.sqrt(width * (END / GRID)) / 2; // of a bridge's middle
            width /= 2;
            boolean upper = point >= from + width;
            double[] end = upper ? low : high;
            for (int i = 0; i < count; i++) {
                end[i] = (low[i] + high[i]) / 2 + spread * z[i];
            }
            from += upper ? width : 0;
            node = node * 2 + (upper ? 1 : 0);
        }
        return point == from ? low : high;
    }

    private float[] middle(int count, int level, long node) {
        if (nodes[level] != node) {
            nodes[level] = node;
            middles[level] = gaussians(count, node);
        }
        return middles[level];
    }

    private float[] gaussians(int count, long node) {
        float[] out = new float[(count + 3) / 4 * 4];
        int[] block = new int[4];
        for (int i = 0; i < out.length; i += 4) {
            block[0] = (int) node;
            block[1] = (int) (node >>> 32);
            block[2] = i / 4;
            block[3] = 0;
            Philox.scramble(block, keyLow, keyHigh);
            for (int k = 0; k < 4; k += 2) {
                double r = Philox.radius(block[k]);
                double angle = Philox.angle(block[k + 1]);
                out[i + k] = (float) (r * Math.sin(angle));
                out[i + k + 1] = (float) (r * Math.cos(angle));
            }
        }
        return java.util.Arrays.copyOf(out, count);
    }
}
