package org.daguerre.upscale;

import org.daguerre.image.Image;
import org.daguerre.image.Region;
import org.daguerre.image.TileBlend;
import org.daguerre.image.TileGrid;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.Weights;

/**
 * Enlarges pictures of any size. The network works on overlapping tiles, which are blended on the host, so the engine
 * needs memory for one tile only.
 */
public final class TiledUpscaler implements AutoCloseable {
    /** Side of a tile in pixels of the input, without its margin. */
    public static final int TILE = 192;
    public static final int OVERLAP = 16;
    public static final int MARGIN = 16;

    /** Hears how many tiles are done. */
    @FunctionalInterface
    public interface OnTile {
        void done(int tiles, int of);
    }

    private final UpscalerNet net;
    private final int tile;
    private final int overlap;
    private final int margin;

    /**
     * Sizes are in pixels of the input and are rounded up to multiples that the network needs.
     *
     * @param net     closed with this
     * @param tile    side of a tile
     * @param overlap of neighbouring tiles, at least; they are blended there
     * @param margin  seen by the network around each tile and thrown away, because it guesses what is beyond an edge
     */
    public TiledUpscaler(UpscalerNet net, int tile, int overlap, int margin) {
        if (overlap < 0 || overlap >= tile || margin < 0) {
            throw new IllegalArgumentException("upscaler: expected 0 <= overlap < tile and margin >= 0, found overlap "
                + overlap + ", tile " + tile + ", margin " + margin);
        }
        this.net = net;
        this.tile = tile;
        this.overlap = overlap;
        this.margin = margin;
    }

    /** See {@link UpscalerNet#load}. */
    public static TiledUpscaler load(Ops ops, Weights w) {
        return new TiledUpscaler(UpscalerNet.load(ops, w), TILE, OVERLAP, MARGIN);
    }

    public int scale() {
        return net.scale();
    }

    public Image upscale(Image image) {
        return upscale(image, (done, of) -> {
        });
    }

    /**
     * The picture {@link #scale} times as large, in 0..1.
     *
     * @param onTile told after each tile; what it throws ends the work
     */
    public Image upscale(Image image, OnTile onTile) {
        Image rgb = image.toRgb();
        int m = net.multiple();
        // Tiles begin at multiples of the network's squares, so that all of them cut the picture into the same squares.
        int side = up(tile, m);
        TileGrid grid = TileGrid.of(up(rgb.width(), m), up(rgb.height(), m), side, Math.min(side - 1, up(overlap, m)))
            .scaled(m);
        Image padded = extended(rgb, grid.width(), grid.height());
        TileBlend blend = new TileBlend(grid.scaled(net.scale()), 3);
        for (int k = 0; k < grid.count(); k++) {
            blend.add(k, run(padded, grid.tile(k)));
            onTile.done(k + 1, grid.count());
        }
        Image all = blend.result();
        Region wanted = new Region(0, 0, rgb.width() * net.scale(), rgb.height() * net.scale());
        return wanted.equals(all.bounds()) ? all : all.crop(wanted);
    }

    private static int up(int pixels, int square) {
        return (pixels + square - 1) / square;
    }

    /** One tile, with its margin as far as the picture goes. */
    private Image run(Image image, Region tile) {
        int m = up(margin, net.multiple()) * net.multiple();
        int left = Math.min(m, tile.x());
        int top = Math.min(m, tile.y());
        int right = Math.min(m, image.width() - tile.x() - tile.width());
        int bottom = Math.min(m, image.height() - tile.y() - tile.height());
        Region seen = new Region(tile.x() - left, tile.y() - top,
            left + tile.width() + right, top + tile.height() + bottom);
        int f = net.scale();
        return run(image.crop(seen)).crop(new Region(left * f, top * f, tile.width() * f, tile.height() * f));
    }

    private Image run(Image part) {
        Backend backend = net.ops().backend();
        try (Ops ops = Ops.on(backend, net.ops().type())) {
            Tensor x = ops.toNhwc(ops.upload(part.planes(), 1, 3, part.height(), part.width()), ops.type());
            Tensor y = ops.toNchw(ops.cast(net.forward(ops, x), DType.F32));
            float[] planes = ops.download(y);
            for (int i = 0; i < planes.length; i++) {
                planes[i] = Math.min(1, Math.max(0, planes[i]));
            }
            return Image.of(3, y.dim(2), y.dim(3), planes);
        }
    }

    /** Repeats the last row and column. */
    private static Image extended(Image image, int width, int height) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        Image out = Image.zeros(image.channels(), height, width);
        for (int c = 0; c < image.channels(); c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    out.planes()[out.index(c, y, x)] =
                        image.at(c, Math.min(y, image.height() - 1), Math.min(x, image.width() - 1));
                }
            }
        }
        return out;
    }

    @Override
    public void close() {
        net.close();
    }
}
