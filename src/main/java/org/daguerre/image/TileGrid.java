package org.daguerre.image;

/**
 * A plan for work in overlapping tiles, and the blending of the results: at each position the weights of all tiles sum
 * to exactly one, and fall to almost nothing at inner tile edges, so that seams do not show. All tiles have the same
 * size (a network sees one shape only), are spread evenly and overlap by at least what was asked for.
 */
public final class TileGrid {
    private final TileAxis xs;
    private final TileAxis ys;

    private TileGrid(TileAxis xs, TileAxis ys) {
        this.xs = xs;
        this.ys = ys;
    }

    /**
     * A plan for an area; a side shorter than a tile has one tile of that length.
     *
     * @throws IllegalArgumentException unless {@code 0 <= overlap < tile}
     */
    public static TileGrid of(int width, int height, int tile, int overlap) {
        return new TileGrid(TileAxis.of(width, tile, overlap), TileAxis.of(height, tile, overlap));
    }

    /** The same tiles on a grid {@code factor} times as fine: what a decoder or an upscaler makes of them. */
    public TileGrid scaled(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("tiles: factor must be positive, found " + factor);
        }
        return new TileGrid(xs.scaled(factor), ys.scaled(factor));
    }

    public int width() {
        return xs.size();
    }

    public int height() {
        return ys.size();
    }

    /** Number of tiles; they are counted row by row. */
    public int count() {
        return xs.count() * ys.count();
    }

    public Region tile(int k) {
        if (k < 0 || k >= count()) {
            throw new IllegalArgumentException("tiles: expected a tile in 0.." + (count() - 1) + ", found " + k);
        }
        return new Region(xs.start(k % xs.count()), ys.start(k / xs.count()), xs.tile(), ys.tile());
    }

    /** Blend weights of a tile, [height, width] of the tile. */
    public float[] weights(int k) {
        Region r = tile(k);
        float[] out = new float[r.width() * r.height()];
        for (int y = 0; y < r.height(); y++) {
            for (int x = 0; x < r.width(); x++) {
                out[y * r.width() + x] = xs.weight(k % xs.count(), x) * ys.weight(k / xs.count(), y);
            }
        }
        return out;
    }
}
