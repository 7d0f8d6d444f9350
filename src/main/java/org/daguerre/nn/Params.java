package org.daguerre.nn;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.Weights;

/**
 * The parameters of a network seen from one scope of its checkpoint: reads them, checks their shapes, and packs or uploads them.
 * Everything made here belongs to one {@link ModelMemory}; closing that frees it all.
 */
public final class Params {
    private static final int ROWS_AT_ONCE = 64;

    private final Weights weights;
    private final ModelMemory memory;
    private final boolean biased;

    public Params(Weights weights, ModelMemory memory) {
        this(weights, memory, true);
    }

    private Params(Weights weights, ModelMemory memory, boolean biased) {
        this.weights = weights;
        this.memory = memory;
        this.biased = biased;
    }

    public Params sub(String name) {
        return new Params(weights.sub(name), memory, biased);
    }

    /** The same scope for layers that have no bias by design; everywhere else a missing bias is an error. */
    public Params withoutBias() {
        return new Params(weights, memory, false);
    }

    public boolean has(String name) {
        return weights.has(name);
    }

    public Weights weights() {
        return weights;
    }

    public ModelMemory memory() {
        return memory;
    }

    /** Storage type of activations. */
    public DType type() {
        return memory.ops().type();
    }

    /** A vector of {@code n} values in F32: norm weights and biases. */
    public Tensor vector(String name, int n) {
        return memory.ops().uploadF32(weights.tensor(name, n));
    }

    /** A matrix in the type of the activations: embedding tables. */
    public Tensor table(String name, int rows, int columns) {
        Tensor t = memory.ops().empty(type(), rows, columns);
        uploadRows(memory.ops().backend(), t, weights.tensor(name, rows, columns));
        return t;
    }

    /** Fills a matrix from one of any type, some rows at a time: a whole vocabulary in f32 would be most of the heap. */
    public static void uploadRows(Backend backend, Tensor matrix, HostTensor source) {
        int rows = matrix.dim(0);
        int columns = matrix.dim(1);
        int rowBytes = columns * source.dtype().bytes();
        for (int from = 0; from < rows; from += ROWS_AT_ONCE) {
            int n = Math.min(ROWS_AT_ONCE, rows - from);
            HostTensor part = new HostTensor(source.name(), source.dtype(), Shape.of(n, columns),
                source.data().slice(from * rowBytes, n * rowBytes));
            backend.upload(matrix.rows(from, from + n), part.to(matrix.dtype()));
        }
        backend.forget(source);
    }

    /** A linear layer of this scope: {@code weight} [out, in] (or [out, in, 1, 1]) and {@code bias}. */
    public PackedWeights linear(int out, int in) {
        return linear(List.of(this), out, in, PackedWeights.Kind.LINEAR);
    }

    public PackedWeights geglu(int out, int in) {
        return linear(List.of(this), out, in, PackedWeights.Kind.GEGLU);
    }

    /** Linear layers on the same input as one: their rows stacked in the order of {@code names}. */
    public PackedWeights stacked(int in, int outEach, String... names) {
        List<Params> parts = new ArrayList<>();
        for (String name : names) {
            parts.add(sub(name));
        }
        return linear(parts, outEach, in, PackedWeights.Kind.LINEAR);
    }

    private PackedWeights linear(List<Params> scopes, int outEach, int in, PackedWeights.Kind kind) {
        return memory.pack(new WeightSlot(kind, scopes.stream().map(p -> p.part(outEach, in, 1, 1)).toList(), 0));
    }

    /** As {@link #stacked}, for layers of different widths in different scopes. */
    public static PackedWeights stacked(List<Params> scopes, List<Integer> outs, int in) {
        List<WeightSlot.Part> parts = new ArrayList<>();
        for (int i = 0; i < scopes.size(); i++) {
            parts.add(scopes.get(i).part(outs.get(i), in, 1, 1));
        }
        return scopes.get(0).memory.pack(new WeightSlot(PackedWeights.Kind.LINEAR, parts, 0));
    }

    /** @param c2 how many of the {@code in} channels come from a second source */
    public PackedWeights conv2d(int out, int in, int kernel, int c2) {
        return memory.pack(new WeightSlot(PackedWeights.Kind.CONV2D, List.of(part(out, in, kernel, kernel)), c2));
    }

    private WeightSlot.Part part(int out, int in, int kh, int kw) {
        return WeightSlot.Part.of(weights, out, in, kh, kw, biased);
    }
}
