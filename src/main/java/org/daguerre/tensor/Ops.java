package org.daguerre.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * What model code computes with: every method checks shapes, allocates its result in this arena and calls the engine.
 *
 * <p>Memory has one rule: open a {@link #child}, {@link #lift} one tensor. Closing frees everything that was not
 * lifted. Not thread-safe; an {@code Ops} and its children belong to one thread at a time.
 */
public final class Ops implements AutoCloseable {
    private final Backend backend;
    private final DType type;
    private final Ops parent;
    private final List<Tensor> owned = new ArrayList<>();
    private boolean closed;

    private Ops(Backend backend, DType type, Ops parent) {
        this.backend = backend;
        this.type = type;
        this.parent = parent;
    }

    /** A root arena that computes in the engine's preferred type. */
    public static Ops on(Backend backend) {
        return on(backend, backend.preferredType());
    }

    /** @param activations storage type of the activations; latents stay F32 */
    public static Ops on(Backend backend, DType activations) {
        if (!backend.supports(activations)) {
            throw new IllegalArgumentException("engine " + backend.name() + ": activations of type " + activations
                + " are not supported");
        }
        return new Ops(backend, activations, null);
    }

    public Ops child() {
        return new Ops(backend, type, this);
    }

    /** A child whose activations have another type, for a part of the model that needs more range or precision. */
    public Ops child(DType activations) {
        if (!backend.supports(activations)) {
            throw new IllegalArgumentException("engine " + backend.name() + ": activations of type " + activations
                + " are not supported");
        }
        return new Ops(backend, activations, this);
    }

    public Backend backend() {
        return backend;
    }

    /** Storage type of the activations. */
    public DType type() {
        return type;
    }

    /** Keeps {@code t} in the parent arena. A tensor that this arena does not own is returned unchanged. */
    public Tensor lift(Tensor t) {
        if (parent == null) {
            throw new IllegalStateException("lift: expected a child arena, found the root");
        }
        for (int i = owned.size() - 1; i >= 0; i--) {
            if (owned.get(i).buffer() == t.buffer()) {
                parent.owned.add(owned.remove(i));
                return t;
            }
        }
        return t;
    }

    /** Frees {@code t} now, if this arena owns it: for large tensors whose last use is over. */
    public void release(Tensor t) {
        for (int i = owned.size() - 1; i >= 0; i--) {
            if (owned.get(i).buffer() == t.buffer()) {
                backend.free(owned.remove(i).buffer());
                return;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (int i = owned.size() - 1; i >= 0; i--) {
            backend.free(owned.get(i).buffer());
        }
        owned.clear();
    }

    // ---- making tensors

    /** An uninitialised tensor. */
    public Tensor empty(DType dtype, int... dims) {
        if (closed) {
            throw new IllegalStateException("new tensor: expected an open arena, found it closed");
        }
        Shape shape = Shape.of(dims);
        Tensor t = new Tensor(backend.alloc(Math.multiplyExact(shape.count(), (long) dtype.bytes()), dtype), 0, dtype,
            shape);
        owned.add(t);
        return t;
    }

    /** An F32 tensor with the given values, row-major. */
    public Tensor upload(float[] values, int... dims) {
        Tensor t = empty(DType.F32, dims);
        Arguments.require(t.count() == values.length, "upload", t.count() + " values for " + t.shape(), values.length);
        backend.upload(t, values);
        return t;
    }

    public Tensor upload(float[] values, Shape shape) {
        return upload(values, shape.toArray());
    }

    public Tensor uploadIds(int[] ids, int... dims) {
        Tensor t = empty(DType.I32, dims);
        Arguments.require(t.count() == ids.length, "upload", t.count() + " ids for " + t.shape(), ids.length);
        backend.upload(t, ids);
        return t;
    }

    /** A norm weight or bias: F32 on every engine. */
    public Tensor uploadF32(HostTensor h) {
        return upload(h.toFloats(), h.shape());
    }

    /** Values as floats, whatever the type of {@code t}. */
    public float[] download(Tensor t) {
        float[] out = new float[Math.toIntExact(t.count())];
        if (t.dtype() == DType.F32) {
            backend.download(out, t);
            return out;
        }
        try (Ops ops = child()) {
            backend.download(out, ops.cast(t, DType.F32));
        }
        return out;
    }

    // ---- element-wise

    /** sum_i c_i x_i in F32, at most 8 terms of any float types: every sampler step is one such call. */
    public Tensor combine(double[] coefficients, Tensor... x) {
        return combine(DType.F32, coefficients, x);
    }

    public Tensor combine(DType result, double[] coefficients, Tensor... x) {
        Arguments.require(x.length > 0, "combine", "1..8 tensors", "none");
        Tensor y = empty(result, x[0].shape().toArray());
        combineInto(y, coefficients, x);
        return y;
    }

    /** As {@link #combine}, into a tensor that exists; {@code y} may be one of {@code x}. */
    public void combineInto(Tensor y, double[] coefficients, Tensor... x) {
        Arguments.combine(y, coefficients, x);
        backend.combine(y, coefficients, x);
    }

    public Tensor add(Tensor a, Tensor b) {
        return combine(a.dtype(), new double[] {1, 1}, a, b);
    }

    public Tensor scale(Tensor x, double factor) {
        return combine(x.dtype(), new double[] {factor}, x);
    }

    public Tensor cast(Tensor x, DType dtype) {
        return x.dtype() == dtype ? x : combine(dtype, new double[] {1}, x);
    }

    public Tensor activation(Tensor x, Activation f) {
        Tensor y = empty(x.dtype(), x.shape().toArray());
        backend.activation(y, x, f);
        return y;
    }

    public Tensor silu(Tensor x) {
        return activation(x, Activation.SILU);
    }

    /** a + mask (b - a) per pixel; a, b [N, H, W, C], mask [1 or N, H, W], all F32. */
    public Tensor blend(Tensor a, Tensor b, Tensor mask) {
        Arguments.blend(a, b, mask);
        Tensor y = empty(DType.F32, a.shape().toArray());
        backend.blend(y, a, b, mask);
        return y;
    }

    /**
     * Classifier-free guidance (Ho and Salimans 2022): u + scale (c - u), F32; rescale as in arXiv:2305.08891, section
     * 3.4.
     */
    public Tensor guidance(Tensor cond, Tensor uncond, double scale, double rescale) {
        Arguments.guidance(cond, uncond);
        Tensor y = empty(DType.F32, cond.shape().toArray());
        backend.guidance(y, cond, uncond, scale, rescale);
        return y;
    }

    // ---- layers

    /** 3x3, 1x1, ... convolution of stride 1 that keeps the size. x [N, H, W, C] -> [N, H, W, O]. */
    public Tensor conv2d(Tensor x, PackedWeights w) {
        return conv2d(x, null, w, null, null, Activation.NONE);
    }

    /**
     * As above with the optional parts: second source, embedding [N or 1, O], residual, activation before the residual.
     */
    public Tensor conv2d(Tensor x, Tensor x2, PackedWeights w, Columns emb, Tensor residual, Activation f) {
        return conv2d(x, x2, w, emb, residual, x.dim(1), x.dim(2), 1, w.kernelHeight() / 2, w.kernelWidth() / 2,
            x.dim(1), x.dim(2),
            f.code());
    }

    /**
     * Convolution of the input enlarged to (upHeight, upWidth) by nearest neighbour, without storing the enlarged
     * input.
     */
    public Tensor conv2dUpsampled(Tensor x, PackedWeights w, int upHeight, int upWidth) {
        return conv2d(x, null, w, null, null, upHeight, upWidth, 1, w.kernelHeight() / 2, w.kernelWidth() / 2, upHeight,
            upWidth, 0);
    }

    /**
     * The general form. Zeros outside the picture: padTop rows above, padLeft columns left, below and right what the
     * output size needs.
     *
     * @param emb        [N, O] or [1, O] columns added per channel, or null
     * @param activation code of an {@link Activation}, with {@link Activation#AFTER_RESIDUAL} or without
     */
    public Tensor conv2d(Tensor x, Tensor x2, PackedWeights w, Columns emb, Tensor residual, int upHeight, int upWidth,
        int stride,
                         int padTop, int padLeft, int outHeight, int outWidth, int activation) {
        Arguments.conv2d(x, x2, w, upHeight, upWidth, stride, padTop, padLeft, outHeight, outWidth, activation);
        Tensor y = empty(x.dtype(), x.dim(0), outHeight, outWidth, w.outChannels());
        Arguments.conv2d(y, emb, residual);
        backend.conv2d(y, x, x2, w, emb, residual, upHeight, upWidth, stride, padTop, padLeft, activation);
        return y;
    }

    /** x [..., K] -> [..., O]. */
    public Tensor linear(Tensor x, PackedWeights w) {
        return linear(x, w, null, Activation.NONE.code());
    }

    public Tensor linear(Tensor x, PackedWeights w, Tensor residual, int activation) {
        Arguments.linear(x, w, activation);
        int[] dims = x.shape().toArray();
        dims[dims.length - 1] = w.outChannels();
        Tensor y = empty(x.dtype(), dims);
        Arguments.linear(y, w, residual);
        backend.linear(y, x, w, residual, activation);
        return y;
    }

    /**
     * Multi-head scaled dot-product attention (Vaswani et al. 2017). q [N, Lq, heads * D], k and v [N, Lk, heads * D]
     * as column views; result [N, Lq, heads * D].
     */
    public Tensor attention(Columns q, Columns k, Columns v, int heads, boolean causal) {
        Arguments.attention(q, k, v, heads, causal);
        Tensor tq = q.tensor();
        Tensor y = empty(tq.dtype(), tq.dim(0), tq.dim(1), q.width());
        backend.attention(y, q, k, v, heads, (float) (1 / Math.sqrt((double) q.width() / heads)), causal);
        return y;
    }

    /**
     * Group normalisation (Wu and He 2018) over x, or over the concatenation of x and x2 on channels, then the
     * activation.
     */
    public Tensor groupNorm(Tensor x, Tensor x2, Tensor weight, Tensor bias, int groups, float eps, Activation f) {
        Arguments.groupNorm(x, x2, weight, bias, groups, f);
        int[] dims = x.shape().toArray();
        dims[dims.length - 1] += x2 == null ? 0 : x2.dim(-1);
        Tensor y = empty(x.dtype(), dims);
        backend.groupNorm(y, x, x2, weight, bias, groups, eps, f);
        return y;
    }

    /** As {@link #groupNorm} of one tensor, written over it. */
    public Tensor groupNormInPlace(Tensor x, Tensor weight, Tensor bias, int groups, float eps, Activation f) {
        Arguments.groupNorm(x, null, weight, bias, groups, f);
        backend.groupNorm(x, x, null, weight, bias, groups, eps, f);
        return x;
    }

    public Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, float eps) {
        Arguments.layerNorm(x, weight, bias);
        Tensor y = empty(x.dtype(), x.shape().toArray());
        backend.layerNorm(y, x, weight, bias, eps);
        return y;
    }

    /** table [V, C] rows by ids [N, L], plus positions [L, C] (or null). The ids must be within the table. */
    public Tensor embedding(Tensor ids, Tensor table, Tensor positions) {
        Arguments.embedding(ids, table, positions);
        Tensor y = empty(table.dtype(), ids.dim(0), ids.dim(1), table.dim(1));
        backend.embedding(y, ids, table, positions);
        return y;
    }

    /**
     * Sinusoids of timesteps t [N] F32 -> [N, dim]: cosines first (Ho et al. 2020; flip_sin_to_cos, frequency shift 0).
     */
    public Tensor timestepEmbedding(Tensor t, int dim) {
        Arguments.timestepEmbedding(t, dim);
        Tensor y = empty(type, Math.toIntExact(t.count()), dim);
        backend.timestepEmbedding(y, t);
        return y;
    }

    // ---- layout

    /** [N, C, H, W] -> [N, H, W, C] of the given type. */
    public Tensor toNhwc(Tensor x, DType dtype) {
        Arguments.layout("toNhwc", x);
        Tensor y = empty(dtype, x.dim(0), x.dim(2), x.dim(3), x.dim(1));
        backend.nchwToNhwc(y, x);
        return y;
    }

    /** [N, H, W, C] -> [N, C, H, W], F32. */
    public Tensor toNchw(Tensor x) {
        Arguments.layout("toNchw", x);
        Tensor y = empty(DType.F32, x.dim(0), x.dim(3), x.dim(1), x.dim(2));
        backend.nhwcToNchw(y, x);
        return y;
    }

    /** Tensors of equal leading dimensions side by side on the innermost one. */
    public Tensor concat(Tensor... parts) {
        Arguments.parts("concat", parts);
        int width = Arrays.stream(parts).mapToInt(t -> t.dim(-1)).sum();
        int[] dims = parts[0].shape().toArray();
        dims[dims.length - 1] = width;
        Tensor y = empty(parts[0].dtype(), dims);
        int at = 0;
        for (Tensor t : parts) {
            Arguments.require(t.count() / t.dim(-1) == y.count() / width, "concat", "as many rows as in " + parts[0],
                t);
            backend.copyColumns(y.columns(at, t.dim(-1)), t.columns());
            at += t.dim(-1);
        }
        return y;
    }

    /** Tensors of equal trailing dimensions below each other on the outermost one. */
    public Tensor stack(Tensor... parts) {
        Arguments.parts("stack", parts);
        int[] dims = parts[0].shape().toArray();
        dims[0] = Arrays.stream(parts).mapToInt(t -> t.dim(0)).sum();
        Tensor y = empty(parts[0].dtype(), dims);
        int at = 0;
        for (Tensor t : parts) {
            Arguments.require(t.count() / t.dim(0) == y.count() / dims[0], "stack", "rows as in " + parts[0], t);
            backend.combine(y.rows(at, at + t.dim(0)), new double[] {1}, new Tensor[] {t});
            at += t.dim(0);
        }
        return y;
    }

    /** A copy of a column range, contiguous. */
    public Tensor slice(Columns x) {
        int[] dims = x.tensor().shape().toArray();
        dims[dims.length - 1] = x.width();
        Tensor y = empty(x.tensor().dtype(), dims);
        backend.copyColumns(y.columns(), x);
        return y;
    }

    /** x [N, H, W, C] -> [N, height, width, C]. */
    public Tensor resize(Tensor x, int height, int width, Backend.Resize mode) {
        Arguments.resize(x, height, width);
        Tensor y = empty(x.dtype(), x.dim(0), height, width, x.dim(3));
        backend.resize(y, x, mode);
        return y;
    }

    /** [N, H, W, C] -> [N, H/r, W/r, C r r], channel order as PyTorch's pixel_unshuffle. */
    public Tensor pixelUnshuffle(Tensor x, int r) {
        Arguments.pixelUnshuffle(x, r);
        Tensor y = empty(x.dtype(), x.dim(0), x.dim(1) / r, x.dim(2) / r, x.dim(3) * r * r);
        backend.pixelUnshuffle(y, x, r);
        return y;
    }

    /** Inverse of {@link #pixelUnshuffle}. */
    public Tensor pixelShuffle(Tensor x, int r) {
        Arguments.pixelShuffle(x, r);
        Tensor y = empty(x.dtype(), x.dim(0), x.dim(1) * r, x.dim(2) * r, x.dim(3) / (r * r));
        backend.pixelShuffle(y, x, r);
        return y;
    }

    /** k x k maximum; outside the picture counts as minus infinity. */
    public Tensor maxPool(Tensor x, int k, int stride, int padTop, int padLeft, int outHeight, int outWidth) {
        Arguments.maxPool(x, k, stride, padTop, padLeft, outHeight, outWidth);
        Tensor y = empty(x.dtype(), x.dim(0), outHeight, outWidth, x.dim(3));
        backend.maxPool(y, x, k, stride, padTop, padLeft);
        return y;
    }

    /** Number of NaN and infinite values; waits for the result. */
    public int countNonFinite(Tensor x) {
        try (Ops ops = child()) {
            Tensor count = ops.empty(DType.I32, 1);
            backend.countNonFinite(count, x);
            int[] result = new int[1];
            backend.download(result, count);
            return result[0];
        }
    }

    /** Runs {@code body} in a child arena and lifts its result. */
    public Tensor scoped(Function<Ops, Tensor> body) {
        try (Ops ops = child()) {
            return ops.lift(body.apply(ops));
        }
    }
}
