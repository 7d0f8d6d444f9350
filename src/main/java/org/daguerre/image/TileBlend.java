package org.daguerre.image;

/** Puts the tiles of a {@link TileGrid} together. Each tile is added once, in any order. */
public final class TileBlend {
    private final TileGrid grid;
    private final Image sum;
    private final boolean[] done;

    public TileBlend(TileGrid grid, int channels) {
        this.grid = grid;
        this.sum = Image.zeros(channels, grid.height(), grid.width());
        this.done = new boolean[grid.count()];
    }

    /**
     * Adds tile {@code k}.
     *
     * @throws IllegalArgumentException if the tile has the wrong shape or was added before
     */
    public void add(int k, Image tile) {
        Region r = grid.tile(k);
        if (tile.width() != r.width() || tile.height() != r.height() || tile.channels() != sum.channels() || done[k]) {
            throw new IllegalArgumentException("tile " + k + ": expected " + r.width() + "x" + r.height() + " with "
                    + sum.channels() + " channels, once, found " + tile + (done[k] ? " a second time" : ""));
        }
        done[k] = true;
        float[] weights = grid.weights(k);
        for (int c = 0; c < tile.channels(); c++) {
            for (int y = 0; y < r.height(); y++) {
                int from = tile.index(c, y, 0);
                int to = sum.index(c, r.y() + y, r.x());
                for (int x = 0; x < r.width(); x++) {
                    sum.planes()[to + x] += weights[y * r.width() + x] * tile.planes()[from + x];
                }
            }
        }
    }

    /**
     * The whole.
     *
     * @throws IllegalStateException if a tile is missing
     */
    public Image result() {
        for (int k = 0; k < done.length; k++) {
            if (!done[k]) {
                throw new IllegalStateException("tiles: tile " + k + " of " + done.length + " is missing");
            }
        }
        return sum;
    }
}
