package org.daguerre.depth;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.image.Image;
import org.daguerre.image.Interpolate;
import org.daguerre.nn.LayerNorm;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.JsonConfig;

/** The transformer over the backbone's last features, with a class token in front. */
final class Vit {
    private final int width;
    private final int side;
    private final float[] classToken;
    private final float[] positions;
    private final Linear projection;
    private final List<VitLayer> layers = new ArrayList<>();
    private final LayerNorm norm;

    private Vit(Params p, int features, JsonConfig c) {
        width = c.getInt("hidden_size");
        side = c.getInt("image_size") / c.getInt("patch_size");
        float eps = (float) c.getDouble("layer_norm_eps", 1e-12);
        classToken = p.weights().tensor("embeddings.cls_token", 1, 1, width).toFloats();
        positions = p.weights().tensor("embeddings.position_embeddings", 1, side * side + 1, width).toFloats();
        projection = Linear.load(p.sub("embeddings.projection"), features, width);
        for (int i = 0; i < c.getInt("num_hidden_layers"); i++) {
            layers.add(VitLayer.load(p.sub("encoder.layer." + i), width, c.getInt("intermediate_size"),
                c.getInt("num_attention_heads"), eps));
        }
        norm = LayerNorm.load(p.sub("layernorm"), width, eps);
    }

    static Vit load(Params p, int features, JsonConfig c) {
        return new Vit(p, features, c);
    }

    /**
     * x [N, h, w, features] -> [N, 1 + h w, width] behind each layer asked for; they belong to {@code ops}.
     *
     * @param wanted numbers of layers, from 0
     */
    List<Tensor> forward(Ops ops, Tensor x, List<Integer> wanted, Probe probe) {
        Tensor h = embed(ops, x, probe);
        List<Tensor> found = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Tensor before = h;
            h = layers.get(i).forward(ops, h);
            if (!found.contains(before)) {
                ops.release(before);
            }
            if (wanted.contains(i)) {
                found.add(h);
            }
        }
        if (probe != Probe.NONE) {
            probe.see(ops, "dpt.layernorm", norm.forward(ops, h));
        }
        return found;
    }

    private Tensor embed(Ops parent, Tensor x, Probe probe) {
        return parent.scoped(ops -> {
            int n = x.dim(0);
            int length = x.dim(1) * x.dim(2);
            Tensor tokens = projection.forward(ops, x);
            probe.see(ops, "dpt.embeddings.projection", tokens);
            Tensor rows = tokens.reshape(n * length, width);
            Tensor first = ops.cast(ops.upload(classToken, 1, width), x.dtype());
            Tensor where = ops.cast(ops.upload(positions(x.dim(1), x.dim(2)), length + 1, width), x.dtype());
            Tensor[] parts = new Tensor[2 * n];
            Tensor[] places = new Tensor[n];
            for (int i = 0; i < n; i++) {
                parts[2 * i] = first;
                parts[2 * i + 1] = rows.rows(i * length, (i + 1) * length);
                places[i] = where;
            }
            return ops.add(ops.stack(parts), ops.stack(places)).reshape(n, length + 1, width);
        });
    }

    /**
     * Position embeddings for a grid of another size: those of the trained grid, interpolated; the class token keeps
     * its own.
     */
    private float[] positions(int height, int columns) {
        if (height == side && columns == side) {
            return positions;
        }
        Image grid = Image.zeros(width, side, side);
        for (int i = 0; i < side * side; i++) {
            for (int c = 0; c < width; c++) {
                grid.planes()[c * side * side + i] = positions[(i + 1) * width + c];
            }
        }
        Image resized = Interpolate.bilinear(grid, columns, height, false);
        float[] all = new float[(height * columns + 1) * width];
        System.arraycopy(positions, 0, all, 0, width);
        for (int i = 0; i < height * columns; i++) {
            for (int c = 0; c < width; c++) {
                all[(i + 1) * width + c] = resized.planes()[c * height * columns + i];
            }
        }
        return all;
    }
}
