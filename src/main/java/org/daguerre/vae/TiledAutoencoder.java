package org.daguerre.vae;

import java.util.function.Supplier;
import org.daguerre.image.TileGrid;
import org.daguerre.nn.Probe;
import org.daguerre.nn.Tiles;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * An autoencoder that works in overlapping tiles, so that memory does not grow with the picture. Tiles are blended over
 * their overlap, which has to be wide enough to hide that normalisation and attention see one tile at a time.
 */
public final class TiledAutoencoder implements Autoencoder {
    /** Side of a tile in latents: what the networks were trained on. */
    public static final int TILE = 64;
    public static final int OVERLAP = 16;

    private final Autoencoder whole;
    private final int tile;
    private final int overlap;

    /**
     * @param whole   closed with this one
     * @param tile    side of a tile in latents
     * @param overlap of neighbouring tiles in latents, at least
     */
    public TiledAutoencoder(Autoencoder whole, int tile, int overlap) {
        if (overlap < 0 || overlap >= tile) {
            throw new IllegalArgumentException("tiled autoencoder: expected 0 <= overlap < tile, found " + overlap
                + " and " + tile);
        }
        this.whole = whole;
        this.tile = tile;
        this.overlap = overlap;
    }

    public TiledAutoencoder(Autoencoder whole) {
        this(whole, TILE, OVERLAP);
    }

    @Override
    public int factor() {
        return whole.factor();
    }

    @Override
    public int latentChannels() {
        return whole.latentChannels();
    }

    @Override
    public Tensor decode(Ops parent, Tensor latents, Probe probe) {
        TileGrid grid = TileGrid.of(latents.dim(2), latents.dim(1), tile, overlap);
        if (grid.count() == 1) {
            return whole.decode(parent, latents, probe);
        }
        return together(() -> parent.scoped(ops -> Tiles.map(ops, latents, grid, grid.scaled(factor()), 3,
            (o, k, part) -> whole.decode(o, part, probe))));
    }

    /** Tiles see the same noise where they overlap, so blending them blends mean and deviation. */
    @Override
    public Tensor encode(Ops parent, Tensor image, Tensor noise) {
        int f = factor();
        TileGrid grid = TileGrid.of(image.dim(2) / f, image.dim(1) / f, tile, overlap);
        if (grid.count() == 1) {
            return whole.encode(parent, image, noise);
        }
        return together(() -> parent.scoped(ops -> Tiles.map(ops, image, grid.scaled(f), grid, latentChannels(),
            (o, k, part) -> whole.encode(o, part, noise == null ? null : Tiles.crop(o, noise, grid.tile(k))))));
    }

    @Override
    public <T> T together(Supplier<T> work) {
        return whole.together(work);
    }

    @Override
    public void close() {
        whole.close();
    }
}
