package org.daguerre.nn;

import org.daguerre.image.Region;
import org.daguerre.image.TileGrid;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Runs a network over a picture that is too large for it, in overlapping tiles that are blended on the device. */
public final class Tiles {
    private Tiles() {
    }

    /** The network. */
    @FunctionalInterface
    public interface Body {
        /**
         * @param k    number of the tile
         * @param tile [N, h, w, C]
         * @return [N, h', w', C'] F32, of the size that the output's grid has
         */
        Tensor run(Ops ops, int k, Tensor tile);
    }

    /**
     * Runs {@code body} on every tile of {@code x} [N, H, W, C].
     *
     * @param in       tiles of the input
     * @param out      the same tiles of the result, on a finer or coarser grid
     * @param channels of the result
     * @return [N, H', W', channels] F32
     */
    public static Tensor map(Ops ops, Tensor x, TileGrid in, TileGrid out, int channels, Body body) {
        int n = x.dim(0);
        Tensor sum = ops.empty(DType.F32, n, out.height(), out.width(), channels);
        // Every pixel's first tile has share 1, but a NaN in memory never written would still come through.
        for (int i = 0; i < n; i++) {
            ops.backend().upload(sum.rows(i, i + 1), new float[Math.toIntExact(sum.count() / n)]);
        }
        float[] weightSoFar = new float[out.width() * out.height()];
        for (int k = 0; k < in.count(); k++) {
            Region r = out.tile(k);
            float[] share = shares(out, k, weightSoFar);
            try (Ops inner = ops.child()) {
                Tensor tile = body.run(inner, k, crop(inner, x, in.tile(k)));
                Tensor mask = inner.upload(share, 1, r.height(), r.width());
                paste(inner, sum, r, inner.blend(crop(inner, sum, r), tile, mask));
            }
        }
        return sum;
    }

    /**
     * What part of the blend so far tile {@code k} becomes, per pixel: its weight over the sum of all weights up to it.
     */
    private static float[] shares(TileGrid out, int k, float[] weightSoFar) {
        Region r = out.tile(k);
        float[] share = out.weights(k);
        for (int y = 0; y < r.height(); y++) {
            for (int x = 0; x < r.width(); x++) {
                int at = (r.y() + y) * out.width() + r.x() + x;
                int i = y * r.width() + x;
                weightSoFar[at] += share[i];
                share[i] = share[i] == 0 ? 0 : share[i] / weightSoFar[at];
            }
        }
        return share;
    }

    /** A part of every picture of x [N, H, W, C]. */
    public static Tensor crop(Ops ops, Tensor x, Region r) {
        Tensor y = ops.empty(x.dtype(), x.dim(0), r.height(), r.width(), x.dim(3));
        for (int n = 0; n < x.dim(0); n++) {
            ops.backend().copyColumns(rows(y, n).columns(), window(x, n, r));
        }
        return y;
    }

    private static void paste(Ops ops, Tensor x, Region r, Tensor part) {
        for (int n = 0; n < x.dim(0); n++) {
            ops.backend().copyColumns(window(x, n, r), rows(part, n).columns());
        }
    }

    /** Picture {@code n} as rows of pixels. */
    private static Tensor rows(Tensor x, int n) {
        return x.rows(n, n + 1).reshape(x.dim(1), x.dim(2) * x.dim(3));
    }

    private static Columns window(Tensor x, int n, Region r) {
        return rows(x, n).rows(r.y(), r.y() + r.height()).columns(r.x() * x.dim(3), r.width() * x.dim(3));
    }
}
