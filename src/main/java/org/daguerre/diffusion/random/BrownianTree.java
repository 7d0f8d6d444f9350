package org.daguerre.diffusion.random;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A Brownian path over the noise levels 0..8192, one per latent value, that is the same function of sigma however many
 * steps look at it: the path is built by halving (Levy's construction), each half's midpoint from its own Philox
 * counter. Idea of Li et al. 2020, arXiv:2001.01328, as in k-diffusion; the random values themselves are ours.
 */
final class BrownianTree {
    private static final double END = 8192; // the noisiest zero-terminal-SNR level is 4096
    private static final int DEPTH = 30; // down to 8e-6
    private static final long GRID = 1L << DEPTH;
    private static final int PARALLEL_FROM = 4096;

    private final int keyLow;
    private final int keyHigh;
    // The way down to the place asked last, whose upper part the next one shares: node ids and their random numbers.
    private final long[] nodes = new long[DEPTH];
    private final float[][] middles = new float[DEPTH][];
    private float[] total;
    // A step's end is the next one's start.
    private long lastPoint = -1;
    private double[] lastValue;

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
        double[] wa = a == lastPoint && lastValue.length == count ? lastValue : value(count, a);
        double[] wb = value(count, b);
        lastPoint = b;
        lastValue = wb;
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
            Arrays.fill(nodes, 0);
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

    /** Numbers 4 i to 4 i + 3 come from counter (node, i): in parallel, and the same however many threads there are. */
    private float[] gaussians(int count, long node) {
        float[] out = new float[count];
        IntStream blocks = IntStream.range(0, (count + 3) / 4);
        (count < PARALLEL_FROM ? blocks : blocks.parallel()).forEach(i -> {
            int[] words = {(int) node, (int) (node >>> 32), i, 0};
            Philox.scramble(words, keyLow, keyHigh);
            for (int k = 4 * i; k < Math.min(4 * i + 4, count); k += 2) {
                double radius = Philox.radius(words[k & 2]);
                double angle = Philox.angle(words[k & 2 | 1]);
                out[k] = (float) (radius * Math.sin(angle));
                if (k + 1 < count) {
                    out[k + 1] = (float) (radius * Math.cos(angle));
                }
            }
        });
        return out;
    }
}
