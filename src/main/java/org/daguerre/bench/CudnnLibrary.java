package org.daguerre.bench;

import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.cudaPointerAttributes;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.cuda.cudnn.cudnnTensorStruct;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.daguerre.tensor.BackendException;

/** cuDNN and cuBLAS through the JavaCPP presets, on plain device addresses. Loading this class loads the libraries. */
final class CudnnLibrary implements AutoCloseable {
    /** A prepared operation: descriptors, algorithm and workspace are ready. */
    interface Call extends AutoCloseable {
        /** Queues it on the library's stream. */
        void run();

        @Override
        void close();
    }

    /** A device address that JavaCPP passes on and never follows. */
    static final class Address extends Pointer {
        Address(long value) {
            address = value;
        }
    }

    final cudnnContext dnn = new cudnnContext();
    private final cublasContext blas = new cublasContext();
    private final FloatPointer one = new FloatPointer(1f);
    private final FloatPointer zero = new FloatPointer(0f);
    private final CUevent_st begin = new CUevent_st();
    private final CUevent_st end = new CUevent_st();

    private CudnnLibrary(int device) {
        cuda(cudart.cudaSetDevice(device), "cudaSetDevice");
        dnn(cudnn.cudnnCreate(dnn), "cudnnCreate");
        blas(cublas.cublasCreate_v2(blas), "cublasCreate");
        cuda(cudart.cudaEventCreate(begin), "cudaEventCreate");
        cuda(cudart.cudaEventCreate(end), "cudaEventCreate");
    }

    /** On the device that owns {@code address}. */
    static CudnnLibrary open(long address) {
        try (cudaPointerAttributes attributes = new cudaPointerAttributes()) {
            cuda(cudart.cudaPointerGetAttributes(attributes, new Address(address)), "cudaPointerGetAttributes");
            return new CudnnLibrary(attributes.device());
        }
    }

    String description() {
        int[] version = new int[1];
        blas(cublas.cublasGetVersion_v2(blas, version), "cublasGetVersion");
        return "cuDNN " + cudnn.cudnnGetVersion() + ", cuBLAS " + version[0];
    }

    /** y [N, OH, OW, O] = x [N, UH, UW, C + C2] * w [O, KH, KW, C + C2]. */
    Call convolution(Work.Convolution c, long y, long x, long w) {
        return new CudnnConvolution(this, c, new Address(y), new Address(x), new Address(w));
    }

    /** y [ROWS, O] = x [ROWS, K] w [O, K]^T; in cuBLAS' column-major terms y^T (O, ROWS) = w^T x^T. */
    Call product(long y, long x, long w, int rows, int k, int o) {
        return call(() -> blas(cublas.cublasGemmEx(blas, cublas.CUBLAS_OP_T, cublas.CUBLAS_OP_N, o, rows, k, one,
            new Address(w),
            cudart.CUDA_R_16F, k, new Address(x), cudart.CUDA_R_16F, k, zero, new Address(y), cudart.CUDA_R_16F, o,
            cublas.CUBLAS_COMPUTE_32F, cublas.CUBLAS_GEMM_DEFAULT), "cublasGemmEx"));
    }

    /**
     * q, y [N, LQ, heads, D], k, v [N, LK, heads, D]; scores [heads, LQ, LK] are reused for each of the N sequences.
     */
    Call attention(Work.Attention a, long y, long q, long k, long v, long scores) {
        cudnnTensorStruct rows = new cudnnTensorStruct();
        dnn(cudnn.cudnnCreateTensorDescriptor(rows), "cudnnCreateTensorDescriptor");
        dnn(cudnn.cudnnSetTensor4dDescriptor(rows, cudnn.CUDNN_TENSOR_NCHW, cudnn.CUDNN_DATA_HALF, a.heads() * a.lq(),
            a.lk(), 1, 1), "cudnnSetTensor4dDescriptor");
        FloatPointer scale = new FloatPointer((float) (1 / Math.sqrt(a.d())));
        long queries = 2L * a.lq() * a.heads() * a.d();
        long keys = 2L * a.lk() * a.heads() * a.d();
        return new Call() {
            @Override
            public void run() {
                for (int n = 0; n < a.n(); n++) {
                    oneSequence(a, new long[] {y + n * queries, q + n * queries, k + n * keys, v + n * keys, scores},
                        scale, rows);
                }
            }

            @Override
            public void close() {
                dnn(cudnn.cudnnDestroyTensorDescriptor(rows), "cudnnDestroyTensorDescriptor");
                scale.close();
            }
        };
    }

    /** @param at addresses of y, q, k, v and scores */
    private void oneSequence(Work.Attention a, long[] at, FloatPointer scale, cudnnTensorStruct rows) {
        int width = a.heads() * a.d();
        Address scores = new Address(at[4]);
        batched(cublas.CUBLAS_OP_T, a.lk(), a.lq(), a.d(), scale, new Address(at[2]), width, a.d(), new Address(at[1]),
            width, a.d(), scores, a.lk(), (long) a.lq() * a.lk(), a.heads());
        dnn(cudnn.cudnnSoftmaxForward(dnn, cudnn.CUDNN_SOFTMAX_ACCURATE, cudnn.CUDNN_SOFTMAX_MODE_CHANNEL, one, rows,
            scores, zero, rows, scores), "cudnnSoftmaxForward");
        batched(cublas.CUBLAS_OP_N, a.d(), a.lq(), a.lk(), one, new Address(at[3]), width, a.d(), scores, a.lk(),
            (long) a.lq() * a.lk(), new Address(at[0]), width, a.d(), a.heads());
    }

    /**
     * c (M, N) = alpha op(a) (M, K) b (K, N) for each head; column-major, leading dimension and step from head to head
     * after each.
     */
    private void batched(int op, int m, int n, int k, FloatPointer alpha, Address a, int lda, long stepA, Address b,
        int ldb, long stepB,
                         Address c, int ldc, long stepC, int heads) {
        blas(cublas.cublasGemmStridedBatchedEx(blas, op, cublas.CUBLAS_OP_N, m, n, k, alpha, a, cudart.CUDA_R_16F, lda,
            stepA, b,
            cudart.CUDA_R_16F, ldb, stepB, zero, c, cudart.CUDA_R_16F, ldc, stepC, heads, cublas.CUBLAS_COMPUTE_32F,
            cublas.CUBLAS_GEMM_DEFAULT), "cublasGemmStridedBatchedEx");
    }

    private static Call call(Runnable body) {
        return new Call() {
            @Override
            public void run() {
                body.run();
            }

            @Override
            public void close() {
                // nothing was prepared
            }
        };
    }

    /** Mean of {@code repetitions} calls, after as many unmeasured ones. */
    double milliseconds(Call call, int repetitions) {
        repeat(call, repetitions);
        cuda(cudart.cudaEventRecord(begin), "cudaEventRecord");
        repeat(call, repetitions);
        cuda(cudart.cudaEventRecord(end), "cudaEventRecord");
        cuda(cudart.cudaEventSynchronize(end), "cudaEventSynchronize");
        float[] elapsed = new float[1];
        cuda(cudart.cudaEventElapsedTime(elapsed, begin, end), "cudaEventElapsedTime");
        return elapsed[0] / repetitions;
    }

    private static void repeat(Call call, int times) {
        for (int i = 0; i < times; i++) {
            call.run();
        }
    }

    /** Waits for everything that was queued. */
    void synchronize() {
        cuda(cudart.cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    }

    FloatPointer one() {
        return one;
    }

    FloatPointer zero() {
        return zero;
    }

    static void cuda(int status, String call) {
        if (status != 0) {
            throw new BackendException("baseline cudnn: " + call + ": "
                + cudart.cudaGetErrorString(status).getString());
        }
    }

    static void dnn(int status, String call) {
        if (status != 0) {
            throw new BackendException("baseline cudnn: " + call + ": "
                + cudnn.cudnnGetErrorString(status).getString());
        }
    }

    private static void blas(int status, String call) {
        if (status != 0) {
            throw new BackendException("baseline cudnn: " + call + ": cuBLAS status " + status);
        }
    }

    @Override
    public void close() {
        cuda(cudart.cudaEventDestroy(begin), "cudaEventDestroy");
        cuda(cudart.cudaEventDestroy(end), "cudaEventDestroy");
        blas(cublas.cublasDestroy_v2(blas), "cublasDestroy");
        dnn(cudnn.cudnnDestroy(dnn), "cudnnDestroy");
        one.close();
        zero.close();
    }
}
