package org.daguerre.reference;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.Buffer;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostBuffer;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/** The {@code java} engine: f32 storage, double sums, plain loops. */
public final class ReferenceBackend implements Backend {
    private final long memoryLimit;
    private long live;
    private long peak;
    private long launches;
    private boolean closed;
    private final Set<Buffer> used = Collections.newSetFromMap(new IdentityHashMap<>());

    public ReferenceBackend() {
        this(Long.MAX_VALUE);
    }

    /** @param memoryLimit bytes that tensors and weights may take together */
    public ReferenceBackend(long memoryLimit) {
        this.memoryLimit = memoryLimit;
    }

    /**
     * Weights as plain arrays: w[k][o] with k = (kh * KW + kw) * C + c for a convolution, so that the inner loop runs
     * over outputs.
     */
    record Plain(float[] w, float[] bias) {
    }

    @Override
    public String name() {
        return "java";
    }

    @Override
    public String description() {
        return "plain Java, f32, " + Runtime.getRuntime().availableProcessors() + " threads";
    }

    @Override
    public DType preferredType() {
        return DType.F32;
    }

    @Override
    public boolean supports(DType activations) {
        return activations == DType.F32;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("engine java: expected an open engine, found it closed");
        }
    }

    private void launch() {
        requireOpen();
        launches++;
    }

    @Override
    public Buffer alloc(long bytes, DType dtype) {
        if (dtype != DType.F32 && dtype != DType.I32) {
            throw new IllegalArgumentException("alloc: expected F32 or I32 on the java engine, found " + dtype);
        }
        if (bytes < 0 || bytes % 4 != 0) {
            throw new IllegalArgumentException("alloc: expected a multiple of 4 bytes that is not negative, found "
                + bytes);
        }
        if (bytes / 4 > Integer.MAX_VALUE - 8) {
            throw new BackendException.OutOfMemory("alloc: expected at most " + 4L * (Integer.MAX_VALUE - 8)
                + " bytes, found " + bytes);
        }
        count(bytes);
        int n = (int) (bytes / 4);
        HostBuffer buffer = dtype == DType.F32 ? HostBuffer.ofFloats(n) : HostBuffer.ofInts(n);
        used.add(buffer);
        return buffer;
    }

    private void count(long bytes) {
        requireOpen();
        if (bytes > memoryLimit - live) {
            throw new BackendException.OutOfMemory("alloc: expected at most " + (memoryLimit - live) + " bytes (limit "
                + memoryLimit
                + ", in use " + live + "), found " + bytes);
        }
        live += bytes;
        peak = Math.max(peak, live);
    }

    @Override
    public void free(Buffer buffer) {
        requireOpen();
        if (!used.remove(buffer)) {
            throw new BackendException("free: expected a buffer in use, found a freed or foreign one");
        }
        live -= buffer.bytes();
    }

    private void requireHost(String operation, DType type, Tensor tensor, int values) {
        requireOpen();
        if (tensor.dtype() != type || tensor.count() != values) {
            throw new IllegalArgumentException(operation + ": expected " + type + " with " + values + " values, found "
                + tensor);
        }
    }

    @Override
    public void upload(Tensor dst, HostTensor src) {
        upload(dst, src.toFloats());
    }

    @Override
    public void upload(Tensor dst, float[] src) {
        requireHost("upload", DType.F32, dst, src.length);
        System.arraycopy(src, 0, floats(dst), at(dst), src.length);
    }

    @Override
    public void upload(Tensor dst, int[] src) {
        requireHost("upload", DType.I32, dst, src.length);
        System.arraycopy(src, 0, ((HostBuffer) dst.buffer()).ints(), at(dst), src.length);
    }

    @Override
    public void download(float[] dst, Tensor src) {
        requireHost("download", DType.F32, src, dst.length);
        System.arraycopy(floats(src), at(src), dst, 0, dst.length);
    }

    @Override
    public void download(int[] dst, Tensor src) {
        requireHost("download", DType.I32, src, dst.length);
        System.arraycopy(((HostBuffer) src.buffer()).ints(), at(src), dst, 0, dst.length);
    }

    @Override
    public void synchronize() {
        // every operation has finished when its method returns
    }

    @Override
    public Statistics statistics() {
        return new Statistics(live, peak, live, 0, launches, 0, 0, 0);
    }

    @Override
    public boolean canRecord() {
        return false;
    }

    @Override
    public Recording record(Runnable operations) {
        throw new BackendException("record: the java engine runs every operation at once");
    }

    @Override
    public PackedWeights packConv2d(DType activations, HostTensor weight, HostTensor bias, int c2) {
        int o = weight.shape().dim(0);
        int c = weight.shape().dim(1);
        int kh = weight.shape().dim(2);
        int kw = weight.shape().dim(3);
        float[] from = weight.toFloats();
        float[] to = new float[from.length];
        int taps = kh * kw;
        for (int i = 0; i < o; i++) {
            for (int j = 0; j < c; j++) {
                for (int t = 0; t < taps; t++) {
                    to[(t * c + j) * o + i] = from[(i * c + j) * taps + t];
                }
            }
        }
        return packed(PackedWeights.Kind.CONV2D, o, c - c2, c2, kh, kw, to, bias);
    }

    @Override
    public PackedWeights packLinear(DType activations, HostTensor weight, HostTensor bias, boolean geglu) {
        int o = weight.shape().dim(0);
        int k = weight.shape().dim(1);
        float[] from = weight.toFloats();
        float[] to = new float[from.length];
        for (int i = 0; i < o; i++) {
            for (int j = 0; j < k; j++) {
                to[j * o + i] = from[i * k + j];
            }
        }
        return packed(geglu ? PackedWeights.Kind.GEGLU : PackedWeights.Kind.LINEAR, o, k, 0, 1, 1, to, bias);
    }

    private PackedWeights packed(PackedWeights.Kind kind, int o, int c, int c2, int kh, int kw, float[] w,
        HostTensor bias) {
        count(4L * (w.length + o));
        return new PackedWeights(kind, DType.F32, o, c, c2, kh, kw,
            new Plain(w, bias == null ? new float[o] : bias.toFloats()));
    }

    @Override
    public void free(PackedWeights weights) {
        requireOpen();
        Plain p = (Plain) weights.content();
        live -= 4L * (p.w.length + p.bias.length);
    }

    @Override
    public void conv2d(Tensor y, Tensor x, Tensor x2, PackedWeights w, Columns emb, Tensor residual, int upHeight,
        int upWidth,
                       int stride, int padTop, int padLeft, int activation) {
        launch();
        Layers.conv2d(y, x, x2, w, emb, residual, upHeight, upWidth, stride, padTop, padLeft, activation);
    }

    @Override
    public void linear(Tensor y, Tensor x, PackedWeights w, Tensor residual, int activation) {
        launch();
        Layers.linear(y, x, w, residual, activation);
    }

    @Override
    public void attention(Tensor y, Columns q, Columns k, Columns v, int heads, float scale, boolean causal) {
        launch();
        Layers.attention(y, q, k, v, heads, scale, causal);
    }

    @Override
    public void groupNorm(Tensor y, Tensor x, Tensor x2, Tensor weight, Tensor bias, int groups, float eps,
        Activation activation) {
        launch();
        Norms.groupNorm(y, x, x2, weight, bias, groups, eps, activation);
    }

    @Override
    public void layerNorm(Tensor y, Tensor x, Tensor weight, Tensor bias, float eps) {
        launch();
        Norms.layerNorm(y, x, weight, bias, eps);
    }

    @Override
    public void embedding(Tensor y, Tensor ids, Tensor table, Tensor positions) {
        launch();
        Pointwise.embedding(y, ids, table, positions);
    }

    @Override
    public void timestepEmbedding(Tensor y, Tensor t) {
        launch();
        Pointwise.timestepEmbedding(y, t);
    }

    @Override
    public void combine(Tensor y, double[] coefficients, Tensor[] x) {
        launch();
        Pointwise.combine(y, coefficients, x);
    }

    @Override
    public void guidance(Tensor y, Tensor cond, Tensor uncond, double scale, double rescale) {
        launch();
        Norms.guidance(y, cond, uncond, scale, rescale);
    }

    @Override
    public void activation(Tensor y, Tensor x, Activation activation) {
        launch();
        Pointwise.activation(y, x, activation);
    }

    @Override
    public void blend(Tensor y, Tensor a, Tensor b, Tensor mask) {
        launch();
        Pointwise.blend(y, a, b, mask);
    }

    @Override
    public void copyColumns(Columns y, Columns x) {
        launch();
        Pointwise.copyColumns(y, x);
    }

    @Override
    public void nchwToNhwc(Tensor y, Tensor x) {
        launch();
        Pointwise.transpose(y, x, x.dim(1), x.dim(2) * x.dim(3));
    }

    @Override
    public void nhwcToNchw(Tensor y, Tensor x) {
        launch();
        Pointwise.transpose(y, x, x.dim(1) * x.dim(2), x.dim(3));
    }

    @Override
    public void resize(Tensor y, Tensor x, Resize mode) {
        launch();
        Pointwise.resize(y, x, mode);
    }

    @Override
    public void pixelUnshuffle(Tensor y, Tensor x, int r) {
        launch();
        Pointwise.pixelShuffle(x, y, r, true);
    }

    @Override
    public void pixelShuffle(Tensor y, Tensor x, int r) {
        launch();
        Pointwise.pixelShuffle(y, x, r, false);
    }

    @Override
    public void maxPool(Tensor y, Tensor x, int k, int stride, int padTop, int padLeft) {
        launch();
        Pointwise.maxPool(y, x, k, stride, padTop, padLeft);
    }

    @Override
    public void countNonFinite(Tensor count, Tensor x) {
        launch();
        float[] a = floats(x);
        int bad = 0;
        for (int i = at(x); i < at(x) + x.count(); i++) {
            bad += Float.isFinite(a[i]) ? 0 : 1;
        }
        ((HostBuffer) count.buffer()).ints()[at(count)] = bad;
    }

    @Override
    public void close() {
        closed = true;
    }

    static float[] floats(Tensor t) {
        return ((HostBuffer) t.buffer()).floats();
    }

    /** Index of the first element. */
    static int at(Tensor t) {
        return (int) t.offset();
    }
}
