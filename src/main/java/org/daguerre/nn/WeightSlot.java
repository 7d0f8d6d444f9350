package org.daguerre.nn;

import java.nio.ByteBuffer;
import java.util.List;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Weights;

/**
 * Where the content of one {@link PackedWeights} comes from: the modules of the checkpoint whose rows are stacked in it (one for most
 * layers, three for a fused Q/K/V projection). It can be packed again at any time, with or without changes to the weights.
 */
public final class WeightSlot {
    /** Supplies the weight of a module that an adapter changes: same shape as {@code original}; returns it unchanged otherwise. */
    @FunctionalInterface
    public interface Adapter {
        Adapter NONE = (module, original) -> original;

        HostTensor adapt(String module, HostTensor original);
    }

    /**
     * One module.
     *
     * @param biased whether it has a bias
     * @param module full name without {@code .weight}, for example {@code mid_block.attentions.0.proj_in}
     */
    public record Part(Weights weights, String module, int out, int in, int kh, int kw, boolean biased) {
        static Part of(Weights scope, int out, int in, int kh, int kw, boolean biased) {
            String prefix = scope.prefix();
            return new Part(scope, prefix.substring(0, Math.max(0, prefix.length() - 1)), out, in, kh, kw, biased);
        }

        /** [out, in] for a matrix, [out, in, kh, kw] for a convolution; 1x1 convolutions and matrices are the same thing. */
        HostTensor weight(boolean convolution) {
            Shape found = weights.shape("weight");
            Shape matrix = Shape.of(out, in);
            Shape taps = Shape.of(out, in, kh, kw);
            boolean pointwise = kh == 1 && kw == 1;
            if (!found.equals(taps) && !(pointwise && found.equals(matrix))) {
                throw CheckpointException.of(weights.checkpoint().source(),
                    "tensor " + module + ".weight of shape " + (convolution ? taps : matrix), found.toString());
            }
            return weights.tensor("weight").reshape(convolution ? taps : matrix);
        }

        HostTensor bias() {
            return biased ? weights.tensor("bias", out) : null;
        }
    }

    private final PackedWeights.Kind kind;
    private final List<Part> parts;
    private final int c2;
    private PackedWeights packed;
    private Adapter adapter = Adapter.NONE;
    private boolean present;

    WeightSlot(PackedWeights.Kind kind, List<Part> parts, int c2) {
        this.kind = kind;
        this.parts = parts;
        this.c2 = c2;
    }

    public List<Part> parts() {
        return parts;
    }

    /** First packing; the result stays the same object for the life of the model. */
    PackedWeights pack(Backend backend, DType type, Staging staging) {
        packed = build(backend, type, staging);
        present = true;
        return packed;
    }

    /** Instead of {@link #pack}: checks that everything is in the checkpoint, for {@link #restore} to pack it. */
    PackedWeights declare(DType type) {
        int rows = 0;
        for (Part p : parts) {
            p.weight(kind == PackedWeights.Kind.CONV2D);
            p.bias();
            rows += p.out();
        }
        Part first = parts.get(0);
        packed = PackedWeights.absent(kind, type, rows, first.in() - c2, c2, first.kh(), first.kw());
        return packed;
    }

    /** Packs again with {@code changes}, now or when restored; the layers that use the slot see the new weights at once. */
    void repack(Backend backend, DType type, Adapter changes, Staging staging) {
        adapter = changes;
        if (present) {
            PackedWeights fresh = build(backend, type, staging);
            PackedWeights old = packed.takeContent();
            packed.replaceWith(fresh);
            backend.free(old);
        }
    }

    /** Packs what was released or only declared. */
    void restore(Backend backend, DType type, Staging staging) {
        if (!present) {
            packed.replaceWith(build(backend, type, staging));
            present = true;
        }
    }

    /** Frees the engine's copy. */
    void release(Backend backend) {
        if (present) {
            present = false;
            backend.free(packed.takeContent());
        }
    }

    private PackedWeights build(Backend backend, DType type, Staging staging) {
        boolean convolution = kind == PackedWeights.Kind.CONV2D;
        HostTensor[] originals = new HostTensor[parts.size()];
        HostTensor[] weights = new HostTensor[parts.size()];
        HostTensor[] biases = new HostTensor[parts.size()];
        for (int i = 0; i < weights.length; i++) {
            originals[i] = parts.get(i).weight(convolution);
            weights[i] = adapter.adapt(parts.get(i).module(), originals[i]);
            biases[i] = parts.get(i).bias();
        }
        HostTensor w = stack(weights, staging);
        HostTensor b = biases[0] == null ? null : stack(biases, new Staging());
        PackedWeights result = convolution ? backend.packConv2d(type, w, b, c2)
            : backend.packLinear(type, w, b, kind == PackedWeights.Kind.GEGLU);
        for (HostTensor original : originals) {
            backend.forget(original);
        }
        return result;
    }

    /** Rows of all tensors below each other, in the type of the first (f32 if the types differ). */
    private static HostTensor stack(HostTensor[] parts, Staging staging) {
        if (parts.length == 1) {
            return parts[0].dtype() == DType.F64 ? parts[0].to(DType.F32) : parts[0];
        }
        DType type = parts[0].dtype();
        int rows = 0;
        long bytes = 0;
        for (HostTensor p : parts) {
            type = p.dtype() == type && type != DType.F64 ? type : DType.F32;
            rows += p.shape().dim(0);
        }
        for (HostTensor p : parts) {
            bytes += p.shape().count() * type.bytes();
        }
        ByteBuffer all = staging.room(Math.toIntExact(bytes));
        for (HostTensor p : parts) {
            all.put(p.to(type).data());
        }
        int[] dims = parts[0].shape().toArray();
        dims[0] = rows;
        return new HostTensor(parts[0].name(), type, Shape.of(dims), all.flip());
    }
}
