package org.daguerre.image;

/**
 * Overlapping tiles along one axis, evenly spread, and their blend weights: ramps that rise from an inner tile edge,
 * divided by their sum at each position. Weights are multiples of 1/1024, so that products of two of them, and their
 * sums, are exact in a float and add up to exactly one.
 */
final class TileAxis {
    private static final int UNIT = 1024;

    private final int size;
    private final int tile;
    private final int[] starts;
    private final float[][] weights;

    private TileAxis(int size, int tile, int[] starts) {
        this.size = size;
        this.tile = tile;
        this.starts = starts;
        this.weights = new float[starts.length][tile];
        for (int p = 0; p < size; p++) {
            setWeights(p);
        }
    }

    static TileAxis of(int size, int tile, int overlap) {
        if (size < 1 || tile < 1 || overlap < 0 || overlap >= tile) {
            throw new IllegalArgumentException("tiles: expected size >= 1 and 0 <= overlap < tile, found size " + size
                    + ", tile " + tile + ", overlap " + overlap);
        }
        if (size <= tile) {
            return new TileAxis(size, size, new int[] {0});
        }
        int count = (size - overlap + tile - overlap - 1) / (tile - overlap);
        int[] starts = new int[count];
        for (int i = 0; i < count; i++) {
            starts[i] = (int) ((long) i * (size - tile) / (count - 1));
        }
        return new TileAxis(size, tile, starts);
    }

    /** The same tiles on a grid {@code factor} times as fine. */
    TileAxis scaled(int factor) {
        int[] finer = new int[starts.length];
        for (int i = 0; i < finer.length; i++) {
            finer[i] = Math.multiplyExact(starts[i], factor);
        }
        return new TileAxis(Math.multiplyExact(size, factor), Math.multiplyExact(tile, factor), finer);
    }

    private void setWeights(int p) {
        double[] raw = new double[starts.length];
        double sum = 0;
        int largest = 0;
        for (int k = 0; k < starts.length; k++) {
            raw[k] = ramp(k, p);
            sum += raw[k];
            largest = raw[k] > raw[largest] ? k : largest;
        }
        int rest = UNIT;
        for (int k = 0; k < starts.length; k++) {
            if (raw[k] > 0 && k != largest) {
                int w = (int) Math.rint(UNIT * raw[k] / sum);
                weights[k][p - starts[k]] = (float) w / UNIT;
                rest -= w;
            }
        }
        weights[largest][p - starts[largest]] = (float) rest / UNIT;
    }

    /** Height of a tile's ramp at a position: its distance from where the next tile ends, 0 outside the tile. */
    private double ramp(int k, int p) {
        if (p < starts[k] || p >= starts[k] + tile) {
            return 0;
        }
        double rise = k == 0 ? 1 : (p - starts[k] + 0.5) / (starts[k - 1] + tile - starts[k]);
        double fall = k == starts.length - 1 ? 1 : (starts[k] + tile - p - 0.5) / (starts[k] + tile - starts[k + 1]);
        return Math.min(1, Math.min(rise, fall));
    }

    int size() {
        return size;
    }

    int tile() {
        return tile;
    }

    int count() {
        return starts.length;
    }

    int start(int k) {
        return starts[k];
    }

    /** Weight of tile {@code k} at position {@code i} within the tile. */
    float weight(int k, int i) {
        return weights[k][i];
    }
}
