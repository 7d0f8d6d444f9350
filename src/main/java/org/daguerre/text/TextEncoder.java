package org.daguerre.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.daguerre.nn.LayerNorm;
import org.daguerre.nn.Linear;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.Weights;

/** CLIP's text encoder, with OpenAI's or OpenCLIP's weights: token ids -> one vector per token, and optionally one for the whole text. */
public final class TextEncoder implements AutoCloseable {
    private final TextEncoderConfig config;
    private final ModelMemory memory;
    private final HostTensor tokens;
    private final Tensor positions;
    private final List<TextEncoderBlock> blocks = new ArrayList<>();
    private final LayerNorm finalNorm;
    private final Optional<Linear> projection;
    private float[] added = new float[0];
    private Tensor table;

    private TextEncoder(Params root, TextEncoderConfig c) {
        config = c;
        memory = root.memory();
        Params p = root.sub("text_model");
        root.weights().ignore("text_model.embeddings.position_ids");
        tokens = p.weights().tensor("embeddings.token_embedding.weight", c.vocabulary(), c.width());
        positions = p.table("embeddings.position_embedding.weight", c.positions(), c.width());
        for (int i = 0; i < c.layers(); i++) {
            blocks.add(TextEncoderBlock.load(p.sub("encoder.layers." + i), c));
        }
        finalNorm = LayerNorm.load(p.sub("final_layer_norm"), c.width(), c.eps());
        projection = c.projection() == 0 ? Optional.empty()
            : Optional.of(Linear.load(root.sub("text_projection").withoutBias(), c.width(), c.projection()));
        memory.whenReleased(this::dropTable);
        if (!memory.onDemand()) {
            table = table();
        }
    }

    /** @param ops an arena of its own */
    public static TextEncoder load(Ops ops, Weights w, TextEncoderConfig config) {
        return load(new ModelMemory(ops), w, config);
    }

    /** @param memory of this network; closed if it cannot be loaded */
    public static TextEncoder load(ModelMemory memory, Weights w, TextEncoderConfig config) {
        try {
            return new TextEncoder(new Params(w, memory), config);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    public TextEncoderConfig config() {
        return config;
    }

    public ModelMemory memory() {
        return memory;
    }

    /**
     * Adds rows below the token table: the vectors of textual inversions. Id {@code vocabulary + i} means row i.
     *
     * @param vectors [k * width] values, empty to remove all
     */
    public void extend(float[] vectors) {
        added = vectors.clone();
        if (table != null) {
            Tensor wider = table();
            dropTable();
            table = wider;
        }
    }

    private Tensor table() {
        Ops ops = memory.ops();
        int extra = added.length / config.width();
        Tensor all = ops.empty(ops.type(), config.vocabulary() + extra, config.width());
        Params.uploadRows(ops.backend(), all.rows(0, config.vocabulary()), tokens);
        if (extra > 0) {
            HostTensor rows = HostTensor.of("textual inversion", Shape.of(extra, config.width()), added).to(ops.type());
            ops.backend().upload(all.rows(config.vocabulary(), config.vocabulary() + extra), rows);
        }
        return all;
    }

    private void dropTable() {
        if (table != null) {
            memory.ops().release(table);
            table = null;
        }
    }

    /**
     * Result of one encoding, F32.
     *
     * @param hidden [N, L, width]
     * @param pooled [N, projection] (or [N, width] without a projection)
     */
    public record Output(Tensor hidden, Tensor pooled) {
    }

    /**
     * @param ids   [N][L] with L at most the number of positions; values below vocabulary + added rows
     * @param skip  layers left out at the end: 0 = last layer, 1 = the one before
     * @param norm  whether the final layer norm is applied to {@code hidden}
     * @param eos   position of the end-of-text token per row, for the pooled vector; null if it is not needed
     */
    public Output encode(Ops parent, int[][] ids, int skip, boolean norm, int[] eos, Probe probe) {
        if (skip < 0 || skip >= config.layers()) {
            throw new IllegalArgumentException("clip skip: expected at most " + config.layers() + " (the encoder's layers), found "
                + (skip + 1));
        }
        return memory.during(() -> run(parent, ids, skip, norm, eos, probe));
    }

    private Output run(Ops parent, int[][] ids, int skip, boolean norm, int[] eos, Probe probe) {
        if (table == null) {
            table = table();
        }
        try (Ops ops = parent.child(memory.ops().type())) {
            Tensor h = embed(ops, ids);
            probe.see(ops, "embeddings", h);
            int last = config.layers() - skip;
            Tensor kept = last == 0 ? h : null;
            for (int i = 0; i < (eos == null ? last : config.layers()); i++) {
                Tensor next = blocks.get(i).forward(ops, h);
                if (h != kept) {
                    ops.release(h);
                }
                h = next;
                probe.see(ops, "layer" + (i + 1), h);
                kept = i + 1 == last ? h : kept;
            }
            Tensor hidden = ops.cast(norm ? finalNorm.forward(ops, kept) : kept, DType.F32);
            Tensor pooled = eos == null ? null : pool(ops, h, eos);
            return new Output(ops.lift(hidden), pooled == null ? null : ops.lift(pooled));
        }
    }

    private Tensor embed(Ops ops, int[][] ids) {
        int length = ids[0].length;
        int[] flat = new int[ids.length * length];
        int rows = table.dim(0);
        for (int n = 0; n < ids.length; n++) {
            for (int i = 0; i < length; i++) {
                if (ids[n][i] < 0 || ids[n][i] >= rows || length > config.positions()) {
                    throw new IllegalArgumentException("text encoder: expected at most " + config.positions() + " ids within 0.."
                        + (rows - 1) + ", found " + length + " with " + ids[n][i]);
                }
                flat[n * length + i] = ids[n][i];
            }
        }
        return ops.embedding(ops.uploadIds(flat, ids.length, length), table, positions);
    }

    /** Last layer, final norm, the end-of-text token's row, projection. */
    private Tensor pool(Ops ops, Tensor h, int[] eos) {
        Tensor normed = finalNorm.forward(ops, h);
        Tensor[] rows = new Tensor[eos.length];
        for (int n = 0; n < eos.length; n++) {
            int row = n * h.dim(1) + eos[n];
            rows[n] = normed.reshape(-1, config.width()).rows(row, row + 1);
        }
        Tensor pooled = rows.length == 1 ? rows[0] : ops.stack(rows);
        Tensor projected = projection.isPresent() ? projection.get().forward(ops, pooled) : pooled;
        return ops.combine(new double[] {1}, projected);
    }

    @Override
    public void close() {
        memory.close();
    }
}
