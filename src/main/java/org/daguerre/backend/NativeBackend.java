package org.daguerre.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.Buffer;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.DeviceBuffer;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/**
 * A native engine (cuda, emulated, cpu) behind {@code kernels.h}. Every call passes primitives only and checks the
 * status.
 */
public final class NativeBackend implements Backend {
    static {
        // JavaCPP's own pointer classes are bound by the same library: load it before the first of them is made.
        Loader.load(Kernels.class);
    }

    private final String name;
    private final DType preferred;
    private final String description;
    private final boolean graphs;
    private long engine;

    private NativeBackend(String name, DType preferred, long engine) {
        this.name = name;
        this.preferred = preferred;
        this.engine = engine;
        this.description = text(1024, (t, n) -> Kernels.dg_describe(engine, t, n));
        int[] features = new int[1];
        check(Kernels.dg_features(engine, features));
        this.graphs = (features[0] & Kernels.DG_FEATURE_GRAPHS) != 0;
    }

    /**
     * Opens a device of the plug-in.
     *
     * @param options   {@code key=value;...} as dg_open in kernels.h takes them
     * @param preferred storage type of activations, or null for the engine's own choice: F16 on a GPU, BF16 on a CPU
     * that computes with it, F32 elsewhere
     */
    public static NativeBackend open(String name, String library, int device, String options, DType preferred) {
        long[] handle = new long[1];
        check(Kernels.dg_open(library, device, options, handle));
        DType type = preferred;
        if (type == null) {
            String text = text(1024, (t, n) -> Kernels.dg_describe(handle[0], t, n));
            type = !name.equals("cpu") ? DType.F16 : text.contains("bf16") ? DType.BF16 : DType.F32;
        }
        return new NativeBackend(name, type, handle[0]);
    }

    /** The devices of a plug-in as JSON text. */
    static String devices(String library) {
        return text(16384, (t, n) -> Kernels.dg_devices(library, t, n));
    }

    private interface TextCall {
        int fill(byte[] text, int capacity);
    }

    private static String text(int capacity, TextCall call) {
        byte[] text = new byte[capacity];
        check(call.fill(text, capacity));
        int length = 0;
        while (length < capacity && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }

    private static void check(int status) {
        if (status == Kernels.DG_OK) {
            return;
        }
        String text = Kernels.dg_last_error();
        String message = text == null ? "unknown error" : text;
        if (status == Kernels.DG_ERROR_MEMORY) {
            throw new BackendException.OutOfMemory(message);
        }
        throw new BackendException(message);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public DType preferredType() {
        return preferred;
    }

    @Override
    public boolean supports(DType activations) {
        return name.equals("cpu") ? activations == DType.F32 || activations == DType.BF16
            : activations == DType.F16 || activations == DType.BF16;
    }

    // ---- memory

    @Override
    public Buffer alloc(long bytes, DType dtype) {
        long[] address = new long[1];
        check(Kernels.dg_alloc(handle(), bytes, address));
        return new DeviceBuffer(address[0], bytes);
    }

    @Override
    public void free(Buffer buffer) {
        check(Kernels.dg_free(handle(), ((DeviceBuffer) buffer).address()));
    }

    @Override
    public void upload(Tensor dst, HostTensor src) {
        if (src.dtype() != dst.dtype() || !src.shape().equals(dst.shape())) {
            throw new IllegalArgumentException("upload " + src.name() + ": expected " + dst + ", found " + src.dtype()
                + " " + src.shape());
        }
        try (BytePointer p = pointer(src.data())) {
            check(Kernels.dg_upload(handle(), at(dst), p.address(), dst.bytes()));
        }
    }

    @Override
    public void forget(HostTensor read) {
        if (read.mapped()) {
            try (BytePointer p = pointer(read.data())) {
                check(Kernels.dg_forget_pages(p.address(), read.bytes()));
            }
        }
    }

    @Override
    public void upload(Tensor dst, float[] src) {
        requireHost("upload", DType.F32, dst, src.length);
        try (HostMemory p = new HostMemory(dst.bytes())) {
            p.floats().put(src);
            check(Kernels.dg_upload(handle(), at(dst), p.address(), dst.bytes()));
        }
    }

    @Override
    public void upload(Tensor dst, int[] src) {
        requireHost("upload", DType.I32, dst, src.length);
        try (HostMemory p = new HostMemory(dst.bytes())) {
            p.ints().put(src);
            check(Kernels.dg_upload(handle(), at(dst), p.address(), dst.bytes()));
        }
    }

    @Override
    public void download(float[] dst, Tensor src) {
        requireHost("download", DType.F32, src, dst.length);
        try (HostMemory p = new HostMemory(src.bytes())) {
            check(Kernels.dg_download(handle(), p.address(), at(src), src.bytes()));
            p.floats().get(dst);
        }
    }

    @Override
    public void download(int[] dst, Tensor src) {
        requireHost("download", DType.I32, src, dst.length);
        try (HostMemory p = new HostMemory(src.bytes())) {
            check(Kernels.dg_download(handle(), p.address(), at(src), src.bytes()));
            p.ints().get(dst);
        }
    }

    private static void requireHost(String operation, DType type, Tensor tensor, int values) {
        if (tensor.dtype() != type || tensor.count() != values) {
            throw new IllegalArgumentException(operation + ": expected " + type + " with " + values + " values, found "
                + tensor);
        }
    }

    @Override
    public void synchronize() {
        check(Kernels.dg_synchronize(handle()));
    }

    @Override
    public Statistics statistics() {
        long[] v = new long[Kernels.DG_STAT_COUNT];
        check(Kernels.dg_statistics(handle(), v, v.length));
        return new Statistics(v[Kernels.DG_STAT_LIVE_BYTES], v[Kernels.DG_STAT_PEAK_BYTES],
            v[Kernels.DG_STAT_RESERVED_BYTES],
            v[Kernels.DG_STAT_SYSTEM_ALLOCATIONS], v[Kernels.DG_STAT_LAUNCHES], v[Kernels.DG_STAT_GRAPH_LAUNCHES],
            v[Kernels.DG_STAT_SYNCHRONIZATIONS], v[Kernels.DG_STAT_COPIES]);
    }

    /** Number of variants of an operation ({@code DG_OP_*}). */
    public int variants(int operation) {
        int[] count = new int[1];
        check(Kernels.dg_variants(handle(), operation, count));
        return count[0];
    }

    /** Fixes the variant of an operation; 0 lets the engine choose again. */
    public void setVariant(int operation, int variant) {
        check(Kernels.dg_set_variant(handle(), operation, variant));
    }

    // ---- recording

    @Override
    public boolean canRecord() {
        return graphs;
    }

    @Override
    public Recording record(Runnable operations) {
        long[] graph = new long[1];
        check(Kernels.dg_capture_begin(handle()));
        try {
            operations.run();
        } catch (RuntimeException | Error e) {
            if (Kernels.dg_capture_end(handle(), graph) == Kernels.DG_OK) {
                Kernels.dg_graph_free(handle(), graph[0]);
            }
            throw e;
        }
        check(Kernels.dg_capture_end(handle(), graph));
        return new Graph(graph[0]);
    }

    private final class Graph implements Recording {
        private long graph;

        Graph(long graph) {
            this.graph = graph;
        }

        @Override
        public void replay() {
            check(Kernels.dg_graph_launch(handle(), graph));
        }

        @Override
        public void close() {
            if (graph != 0 && engine != 0) {
                check(Kernels.dg_graph_free(engine, graph));
            }
            graph = 0;
        }
    }

    // ---- time

    /** Marks a point in the engine's work; slots 0..15. */
    public void recordEvent(int slot) {
        check(Kernels.dg_event_record(handle(), slot));
    }

    /** Milliseconds between two marks; waits for the later one. */
    public double elapsed(int from, int to) {
        float[] ms = new float[1];
        check(Kernels.dg_event_elapsed(handle(), from, to, ms));
        return ms[0];
    }

    /** Pushes everything out of the last-level cache. */
    public void flushCache() {
        check(Kernels.dg_flush_cache(handle()));
    }

    /** Gives cached memory back to the system. */
    @Override
    public void trim() {
        check(Kernels.dg_trim(handle()));
    }

    // ---- weights

    @Override
    public PackedWeights packConv2d(DType activations, HostTensor weight, HostTensor bias, int c2) {
        int[] d = weight.shape().toArray();
        long[] packed = new long[1];
        try (BytePointer w = pointer(weight.data()); BytePointer b = bias == null ? null : pointer(bias.data())) {
            check(Kernels.dg_pack_conv2d(handle(), activations.code(), w.address(), weight.dtype().code(), b == null ? 0
                : b.address(),
                bias == null ? 0 : bias.dtype().code(), d[0], d[1] - c2, c2, d[2], d[3], packed));
        }
        return new PackedWeights(PackedWeights.Kind.CONV2D, activations, d[0], d[1] - c2, c2, d[2], d[3], packed[0]);
    }

    @Override
    public PackedWeights packLinear(DType activations, HostTensor weight, HostTensor bias, boolean geglu) {
        int[] d = weight.shape().toArray();
        long[] packed = new long[1];
        try (BytePointer w = pointer(weight.data()); BytePointer b = bias == null ? null : pointer(bias.data())) {
            check(Kernels.dg_pack_linear(handle(), activations.code(), w.address(), weight.dtype().code(), b == null ? 0
                : b.address(),
                bias == null ? 0 : bias.dtype().code(), d[0], d[1], geglu ? 1 : 0, packed));
        }
        return new PackedWeights(geglu ? PackedWeights.Kind.GEGLU : PackedWeights.Kind.LINEAR, activations, d[0], d[1],
            0, 1, 1,
            packed[0]);
    }

    @Override
    public void free(PackedWeights weights) {
        check(Kernels.dg_free_weights(handle(), (Long) weights.content()));
    }

    // ---- operations

    @Override
    public void conv2d(Tensor y, Tensor x, Tensor x2, PackedWeights w, Columns emb, Tensor residual, int upHeight,
        int upWidth,
                       int stride, int padTop, int padLeft, int activation) {
        long embAt = emb == null ? 0 : at(emb);
        long embStride = emb == null || emb.tensor().count() == emb.stride() ? 0 : emb.stride();
        check(Kernels.dg_conv2d(handle(), code(x), at(y), at(x), x.dim(3), at(x2), x2 == null ? 0 : x2.dim(3),
            (Long) w.content(), embAt,
            embStride, at(residual), x.dim(0), x.dim(1), x.dim(2), upHeight, upWidth, y.dim(1), y.dim(2), stride,
            padTop, padLeft,
            activation));
    }

    @Override
    public void linear(Tensor y, Tensor x, PackedWeights w, Tensor residual, int activation) {
        check(Kernels.dg_linear(handle(), code(x), at(y), at(x), (Long) w.content(), at(residual),
            x.count() / x.dim(-1), activation));
    }

    @Override
    public void attention(Tensor y, Columns q, Columns k, Columns v, int heads, float scale, boolean causal) {
        check(Kernels.dg_attention(handle(), code(y), at(y), y.dim(2), at(q), q.stride(), at(k), k.stride(), at(v),
            v.stride(), y.dim(0),
            y.dim(1), k.tensor().dim(1), heads, q.width() / heads, scale, causal ? 1 : 0));
    }

    @Override
    public void groupNorm(Tensor y, Tensor x, Tensor x2, Tensor weight, Tensor bias, int groups, float eps,
        Activation activation) {
        check(Kernels.dg_group_norm(handle(), code(x), at(y), at(x), x.dim(-1), at(x2), x2 == null ? 0 : x2.dim(-1),
            at(weight), at(bias),
            x.dim(0), x.count() / x.dim(0) / x.dim(-1), groups, eps, activation.code()));
    }

    @Override
    public void layerNorm(Tensor y, Tensor x, Tensor weight, Tensor bias, float eps) {
        check(Kernels.dg_layer_norm(handle(), code(x), at(y), at(x), at(weight), at(bias), x.count() / x.dim(-1),
            x.dim(-1), eps));
    }

    @Override
    public void embedding(Tensor y, Tensor ids, Tensor table, Tensor positions) {
        check(Kernels.dg_embedding(handle(), code(y), at(y), at(ids), at(table), at(positions), ids.count(), y.dim(1),
            y.dim(2),
            table.dim(0)));
    }

    @Override
    public void timestepEmbedding(Tensor y, Tensor t) {
        check(Kernels.dg_timestep_embedding(handle(), code(y), at(y), at(t), y.dim(0), y.dim(1)));
    }

    @Override
    public void combine(Tensor y, double[] c, Tensor[] x) {
        long[] a = new long[8];
        float[] f = new float[8];
        int types = 0;
        for (int i = 0; i < x.length; i++) {
            a[i] = at(x[i]);
            f[i] = (float) c[i];
            types |= code(x[i]) << 4 * i;
        }
        check(Kernels.dg_combine(handle(), code(y), at(y), y.count(), x.length, types, a[0], a[1], a[2], a[3], a[4],
            a[5], a[6], a[7],
            f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]));
    }

    @Override
    public void guidance(Tensor y, Tensor cond, Tensor uncond, double scale, double rescale) {
        check(Kernels.dg_guidance(handle(), code(cond), at(y), at(cond), at(uncond), y.dim(0), y.count() / y.dim(0),
            (float) scale,
            (float) rescale));
    }

    @Override
    public void activation(Tensor y, Tensor x, Activation activation) {
        check(Kernels.dg_activation_forward(handle(), code(x), at(y), at(x), x.count(), activation.code()));
    }

    @Override
    public void blend(Tensor y, Tensor a, Tensor b, Tensor mask) {
        int c = y.dim(-1);
        long pixels = y.count() / y.dim(0) / c;
        check(Kernels.dg_blend(handle(), at(y), at(a), at(b), at(mask), (int) (mask.count() / pixels), y.dim(0), pixels,
            c));
    }

    @Override
    public void copyColumns(Columns y, Columns x) {
        check(Kernels.dg_copy_columns(handle(), code(x.tensor()), at(y), y.stride(), at(x), x.stride(),
            x.tensor().count() / x.stride(),
            x.width()));
    }

    @Override
    public void nchwToNhwc(Tensor y, Tensor x) {
        check(Kernels.dg_nchw_to_nhwc(handle(), code(y), at(y), code(x), at(x), x.dim(0), x.dim(1), x.dim(2),
            x.dim(3)));
    }

    @Override
    public void nhwcToNchw(Tensor y, Tensor x) {
        check(Kernels.dg_nhwc_to_nchw(handle(), code(y), at(y), code(x), at(x), x.dim(0), x.dim(3), x.dim(1),
            x.dim(2)));
    }

    @Override
    public void resize(Tensor y, Tensor x, Resize mode) {
        check(Kernels.dg_resize(handle(), code(x), at(y), at(x), x.dim(0), x.dim(1), x.dim(2), x.dim(3), y.dim(1),
            y.dim(2),
            mode.ordinal()));
    }

    @Override
    public void pixelUnshuffle(Tensor y, Tensor x, int r) {
        check(Kernels.dg_pixel_unshuffle(handle(), code(x), at(y), at(x), x.dim(0), x.dim(1), x.dim(2), x.dim(3), r));
    }

    @Override
    public void pixelShuffle(Tensor y, Tensor x, int r) {
        check(Kernels.dg_pixel_shuffle(handle(), code(x), at(y), at(x), x.dim(0), x.dim(1), x.dim(2), x.dim(3), r));
    }

    @Override
    public void maxPool(Tensor y, Tensor x, int k, int stride, int padTop, int padLeft) {
        check(Kernels.dg_max_pool(handle(), code(x), at(y), at(x), x.dim(0), x.dim(1), x.dim(2), x.dim(3), y.dim(1),
            y.dim(2), k, stride,
            padTop, padLeft));
    }

    @Override
    public void countNonFinite(Tensor count, Tensor x) {
        check(Kernels.dg_count_nonfinite(handle(), code(x), at(count), at(x), x.count()));
    }

    @Override
    public void close() {
        if (engine != 0) {
            long e = engine;
            engine = 0;
            check(Kernels.dg_close(e));
        }
    }

    private long handle() {
        if (engine == 0) {
            throw new IllegalStateException("engine " + name + ": expected an open engine, found it closed");
        }
        return engine;
    }

    private static int code(Tensor t) {
        return t.dtype().code();
    }

    /** Address of the first element, 0 for an absent tensor. */
    private static long at(Tensor t) {
        return t == null ? 0 : ((DeviceBuffer) t.buffer()).address() + t.offset() * t.dtype().bytes();
    }

    private static long at(Columns c) {
        return at(c.tensor()) + (long) c.from() * c.tensor().dtype().bytes();
    }

    /** The memory of a direct buffer; the caller keeps the buffer reachable. */
    private static BytePointer pointer(ByteBuffer data) {
        return new BytePointer(new Pointer(data.duplicate().order(ByteOrder.LITTLE_ENDIAN)));
    }
}
