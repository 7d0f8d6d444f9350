package org.daguerre.tensor;

import java.util.Arrays;

/**
 * What {@link Ops} demands of the arguments of each operation. An engine may rely on it: types and shapes fit each
 * other, sizes are positive, codes are known. Every failure is an IllegalArgumentException that says operation,
 * expectation and finding.
 */
final class Arguments {
    private Arguments() {
    }

    static void require(boolean holds, String operation, Object expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException(operation + ": expected " + expected + ", found " + found);
        }
    }

    private static void picture(String operation, Tensor x) {
        require(x.shape().rank() == 4, operation, "a picture [N, H, W, C]", x);
    }

    private static void sameType(String operation, DType type, Tensor... others) {
        for (Tensor t : others) {
            require(t == null || t.dtype() == type, operation, "tensors of type " + type, t);
        }
    }

    private static void positive(String operation, String what, int... sizes) {
        require(Arrays.stream(sizes).allMatch(s -> s > 0), operation, what + " of at least 1", Arrays.toString(sizes));
    }

    static void combine(Tensor y, double[] coefficients, Tensor[] x) {
        require(x.length >= 1 && x.length <= 8 && x.length == coefficients.length, "combine",
            "1..8 tensors, one coefficient each",
            x.length + " tensors, " + coefficients.length + " coefficients");
        for (Tensor t : x) {
            require(t.shape().equals(y.shape()), "combine", y.shape(), t.shape());
            require(t.dtype().isFloat() && y.dtype().isFloat(), "combine", "floating point numbers", t + " into " + y);
        }
    }

    static void blend(Tensor a, Tensor b, Tensor mask) {
        require(a.shape().equals(b.shape()), "blend", a.shape(), b.shape());
        require(a.shape().rank() >= 2 && a.count() > 0, "blend", "pictures [N, ..., C] that are not empty", a);
        sameType("blend", DType.F32, a, b, mask);
        long pixels = a.count() / a.dim(0) / a.dim(-1);
        require(mask.count() == pixels || mask.count() == pixels * a.dim(0), "blend", pixels + " mask values a picture",
            mask.shape());
    }

    static void guidance(Tensor cond, Tensor uncond) {
        require(cond.shape().equals(uncond.shape()) && cond.shape().rank() >= 1, "guidance", cond.shape(),
            uncond.shape());
        sameType("guidance", cond.dtype(), uncond);
    }

    static void conv2d(Tensor x, Tensor x2, PackedWeights w, int upHeight, int upWidth, int stride, int padTop,
        int padLeft,
                       int outHeight, int outWidth, int activation) {
        require(w.kind() == PackedWeights.Kind.CONV2D, "conv2d", "weights of a convolution", w);
        require(x.shape().rank() == 4 && x.dim(3) == w.inChannels(), "conv2d", "input [N, H, W, " + w.inChannels()
            + "]", x.shape());
        require((x2 == null ? 0 : x2.dim(-1)) == w.inChannels2(), "conv2d", "second source with " + w.inChannels2()
            + " channels",
            x2 == null ? "none" : x2.shape());
        if (x2 != null) {
            leading("conv2d", x, x2);
        }
        sameType("conv2d", w.dtype(), x, x2);
        positive("conv2d", "stride and output size", stride, outHeight, outWidth);
        require(upHeight >= x.dim(1) && upWidth >= x.dim(2), "conv2d", "a size to enlarge to of at least " + x.dim(1)
            + " x " + x.dim(2),
            upHeight + " x " + upWidth);
        require(padTop >= 0 && padTop < w.kernelHeight() && padLeft >= 0 && padLeft < w.kernelWidth(), "conv2d",
            "padding within the kernel, " + w.kernelHeight() + " x " + w.kernelWidth(), padTop + ", " + padLeft);
        activation("conv2d", activation);
    }

    /** The parts that are added to y. */
    static void conv2d(Tensor y, Columns emb, Tensor residual) {
        if (emb != null) {
            long rows = emb.tensor().count() / emb.stride();
            require(emb.width() == y.dim(3) && (rows == 1 || rows == y.dim(0)), "conv2d",
                "embedding [1 or " + y.dim(0) + ", " + y.dim(3) + "]", "[" + rows + ", " + emb.width() + "]");
            sameType("conv2d", y.dtype(), emb.tensor());
        }
        require(residual == null || residual.shape().equals(y.shape()), "conv2d", "residual " + y.shape(),
            residual == null ? "" : residual.shape());
        sameType("conv2d", y.dtype(), residual);
    }

    private static void activation(String operation, int code) {
        int f = code & ~Activation.AFTER_RESIDUAL;
        require(f >= 0 && f < Activation.values().length, operation, "an activation of 0.."
            + (Activation.values().length - 1), code);
    }

    static void linear(Tensor x, PackedWeights w, int activation) {
        require(w.kind() != PackedWeights.Kind.CONV2D, "linear", "weights of a linear layer", w);
        require(x.shape().rank() >= 1 && x.dim(-1) == w.inChannels(), "linear", "input [..., " + w.inChannels() + "]",
            x.shape());
        sameType("linear", w.dtype(), x);
        activation("linear", activation);
        require(w.kind() != PackedWeights.Kind.GEGLU || activation == 0, "linear", "no activation besides geglu",
            activation);
    }

    static void linear(Tensor y, PackedWeights w, Tensor residual) {
        require(residual == null || w.kind() != PackedWeights.Kind.GEGLU, "linear", "no residual besides geglu",
            residual);
        require(residual == null || residual.count() == y.count(), "linear", "residual " + y.shape(),
            residual == null ? "" : residual.shape());
        sameType("linear", y.dtype(), residual);
    }

    static void attention(Columns q, Columns k, Columns v, int heads, boolean causal) {
        Tensor tq = q.tensor();
        Tensor tk = k.tensor();
        Tensor tv = v.tensor();
        positive("attention", "heads", heads);
        require(tq.shape().rank() == 3 && tk.shape().rank() == 3 && tv.shape().rank() == 3 && q.width() == k.width()
            && q.width() == v.width() && q.width() % heads == 0 && tk.dim(0) == tq.dim(0) && tv.dim(0) == tq.dim(0)
            && tk.dim(1) == tv.dim(1), "attention", "q [N, Lq, D], k and v [N, Lk, D], D a multiple of " + heads,
            tq.shape() + ", " + tk.shape() + ", " + tv.shape() + ", widths " + q.width() + ", " + k.width() + ", "
            + v.width());
        require(!causal || tq.dim(1) == tk.dim(1), "attention", "as many keys as queries with a causal mask",
            tq.dim(1) + " queries, " + tk.dim(1) + " keys");
        sameType("attention", tq.dtype(), tk, tv);
    }

    static void groupNorm(Tensor x, Tensor x2, Tensor weight, Tensor bias, int groups, Activation f) {
        if (x2 != null) {
            leading("groupNorm", x, x2);
        }
        int c = x.dim(-1) + (x2 == null ? 0 : x2.dim(-1));
        positive("groupNorm", "groups", groups);
        require(weight.count() == c && bias.count() == c && c % groups == 0, "groupNorm",
            "weight and bias of " + c + " channels, a multiple of " + groups + " groups", weight.shape() + ", "
            + bias.shape());
        sameType("groupNorm", x.dtype(), x2);
        sameType("groupNorm", DType.F32, weight, bias);
        require(f == Activation.NONE || f == Activation.SILU || f == Activation.RELU, "groupNorm",
            "activation NONE, SILU or RELU", f);
    }

    /** All dimensions but the innermost are the same. */
    private static void leading(String operation, Tensor x, Tensor x2) {
        int[] a = x.shape().toArray();
        int[] b = x2.shape().toArray();
        require(a.length == b.length && Arrays.equals(a, 0, a.length - 1, b, 0, b.length - 1), operation,
            "two sources of one size, the first " + x.shape(), x2.shape());
    }

    static void layerNorm(Tensor x, Tensor weight, Tensor bias) {
        require(weight.count() == x.dim(-1) && bias.count() == x.dim(-1), "layerNorm", "weight and bias [" + x.dim(-1)
            + "]",
            weight.shape() + ", " + bias.shape());
        sameType("layerNorm", DType.F32, weight, bias);
    }

    static void embedding(Tensor ids, Tensor table, Tensor positions) {
        require(ids.dtype() == DType.I32 && ids.shape().rank() == 2, "embedding", "ids I32 [N, L]", ids);
        require(table.shape().rank() == 2, "embedding", "a table [V, C]", table);
        require(positions == null || positions.shape().rank() == 2 && positions.dim(0) >= ids.dim(1)
            && positions.dim(1) == table.dim(1), "embedding", "positions [" + ids.dim(1) + " or more, " + table.dim(1)
            + "]", positions);
        sameType("embedding", table.dtype(), positions);
    }

    static void timestepEmbedding(Tensor t, int dim) {
        sameType("timestepEmbedding", DType.F32, t);
        require(dim >= 2 && dim % 2 == 0, "timestepEmbedding", "an even dimension of at least 2", dim);
    }

    static void layout(String operation, Tensor x) {
        require(x.shape().rank() == 4, operation, "four dimensions", x);
    }

    static void resize(Tensor x, int height, int width) {
        picture("resize", x);
        positive("resize", "height and width", height, width);
    }

    static void pixelUnshuffle(Tensor x, int r) {
        picture("pixelUnshuffle", x);
        positive("pixelUnshuffle", "factor", r);
        require(x.dim(1) % r == 0 && x.dim(2) % r == 0, "pixelUnshuffle", "sides that are multiples of " + r,
            x.shape());
    }

    static void pixelShuffle(Tensor x, int r) {
        picture("pixelShuffle", x);
        positive("pixelShuffle", "factor", r);
        require(x.dim(3) % (r * r) == 0, "pixelShuffle", "channels that are a multiple of " + r * r, x.shape());
    }

    static void maxPool(Tensor x, int k, int stride, int padTop, int padLeft, int outHeight, int outWidth) {
        picture("maxPool", x);
        positive("maxPool", "window, stride and output size", k, stride, outHeight, outWidth);
        require(padTop >= 0 && padTop < k && padLeft >= 0 && padLeft < k, "maxPool", "padding within the window of "
            + k,
            padTop + ", " + padLeft);
    }

    /** Parts that go beside (innermost dimension) or below each other (outermost). */
    static void parts(String operation, Tensor... parts) {
        require(parts.length > 0 && Arrays.stream(parts).allMatch(t -> t.shape().rank() > 0 && t.count() > 0),
            operation,
            "tensors that are not empty", Arrays.toString(parts));
        sameType(operation, parts[0].dtype(), parts);
    }
}
