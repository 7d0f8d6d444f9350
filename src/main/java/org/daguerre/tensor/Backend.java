package org.daguerre.tensor;

/**
 * One engine: memory and the operations of {@code kernels.h}. One method per operation: output first, then inputs, then
 * numbers. Nothing is allocated here but by {@link #alloc}, and shapes have been checked by {@link Ops}. Model code
 * uses {@link Ops}.
 *
 * <p>Calls may return before the work is done; {@link #download} waits. Not thread-safe.
 */
public interface Backend extends AutoCloseable {
    /** Name as in {@code --device}: cuda, emulated, cpu or java. */
    String name();

    /** One line for people: device, instruction set, library versions. */
    String description();

    /** Storage type of activations that this engine prefers. */
    DType preferredType();

    boolean supports(DType activations);

    // ---- memory
    Buffer alloc(long bytes, DType dtype);

    void free(Buffer buffer);

    /** Copies host data of the tensor's type and size into it. */
    void upload(Tensor dst, HostTensor src);

    /**
     * Says that the elements of {@code read} will not be needed soon; an engine may take mapped files out of memory
     * then.
     */
    default void forget(HostTensor read) {
    }

    /** Gives memory that nothing uses back to the system. */
    default void trim() {
    }

    void upload(Tensor dst, float[] src);

    void upload(Tensor dst, int[] src);

    /** Copies an F32 tensor to the host; waits for it. */
    void download(float[] dst, Tensor src);

    void download(int[] dst, Tensor src);

    void synchronize();

    Statistics statistics();

    // ---- recording
    /** Whether {@link #record} keeps the operations for {@link Recording#replay}. */
    boolean canRecord();

    /** Runs {@code operations} once as a recording. They must not allocate host-visible results, upload or download. */
    Recording record(Runnable operations);

    // ---- weights
    /** @param weight [O, C + c2, KH, KW]; @param bias [O] or null; @param c2 channels of a second source, or 0 */
    PackedWeights packConv2d(DType activations, HostTensor weight, HostTensor bias, int c2);

    /** @param weight [O, K]; @param bias [O] or null; @param geglu first half value, second half gate */
    PackedWeights packLinear(DType activations, HostTensor weight, HostTensor bias, boolean geglu);

    void free(PackedWeights weights);

    // ---- operations, documented in kernels.h; null for an absent tensor
    void conv2d(Tensor y, Tensor x, Tensor x2, PackedWeights w, Columns emb, Tensor residual, int upHeight, int upWidth,
        int stride,
                int padTop, int padLeft, int activation);

    void linear(Tensor y, Tensor x, PackedWeights w, Tensor residual, int activation);

    void attention(Tensor y, Columns q, Columns k, Columns v, int heads, float scale, boolean causal);

    /** Without x2, y may be x. */
    void groupNorm(Tensor y, Tensor x, Tensor x2, Tensor weight, Tensor bias, int groups, float eps,
        Activation activation);

    void layerNorm(Tensor y, Tensor x, Tensor weight, Tensor bias, float eps);

    void embedding(Tensor y, Tensor ids, Tensor table, Tensor positions);

    void timestepEmbedding(Tensor y, Tensor t);

    void combine(Tensor y, double[] coefficients, Tensor[] x);

    void guidance(Tensor y, Tensor cond, Tensor uncond, double scale, double rescale);

    void activation(Tensor y, Tensor x, Activation activation);

    void blend(Tensor y, Tensor a, Tensor b, Tensor mask);

    void copyColumns(Columns y, Columns x);

    void nchwToNhwc(Tensor y, Tensor x);

    void nhwcToNchw(Tensor y, Tensor x);

    void resize(Tensor y, Tensor x, Resize mode);

    void pixelUnshuffle(Tensor y, Tensor x, int r);

    void pixelShuffle(Tensor y, Tensor x, int r);

    void maxPool(Tensor y, Tensor x, int k, int stride, int padTop, int padLeft);

    void countNonFinite(Tensor count, Tensor x);

    @Override
    void close();

    /** How {@link #resize} samples. */
    enum Resize { NEAREST, BILINEAR, BILINEAR_CORNERS }

    /** A recorded sequence of operations on fixed tensors. */
    interface Recording extends AutoCloseable {
        void replay();

        @Override
        void close();
    }

    /**
     * Counters of an engine, for tests and the benchmark.
     *
     * @param liveBytes         handed out and not yet freed, weights included
     * @param peakBytes         largest value of {@code liveBytes} so far
     * @param reservedBytes     held from the system
     * @param systemAllocations calls to the system's allocator
     * @param launches          operations launched one by one
     * @param graphLaunches     recordings replayed
     * @param synchronizations  waits for the device
     * @param copies            copies between host and device
     */
    record Statistics(long liveBytes, long peakBytes, long reservedBytes, long systemAllocations, long launches,
        long graphLaunches,
                      long synchronizations, long copies) {
    }
}
