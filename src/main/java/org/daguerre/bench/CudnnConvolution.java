package org.daguerre.bench;

import org.bytedeco.cuda.cudnn.cudnnConvolutionFwdAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionStruct;
import org.bytedeco.cuda.cudnn.cudnnFilterStruct;
import org.bytedeco.cuda.cudnn.cudnnTensorStruct;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.javacpp.Pointer;
import org.daguerre.tensor.BackendException;

/**
 * One convolution in cuDNN: f16, channels last, sums in f32, tensor cores; the fastest algorithm that cuDNN's own
 * search finds. NVIDIA has replaced this interface by one of graphs, whose usable form is a C++ library that the
 * presets do not bind.
 */
@SuppressWarnings("deprecation")
final class CudnnConvolution implements CudnnLibrary.Call {
    private static final int ALGORITHMS = 8;

    private final CudnnLibrary library;
    private final Pointer y;
    private final Pointer x;
    private final Pointer w;
    private final cudnnTensorStruct input = new cudnnTensorStruct();
    private final cudnnTensorStruct output = new cudnnTensorStruct();
    private final cudnnFilterStruct filter = new cudnnFilterStruct();
    private final cudnnConvolutionStruct convolution = new cudnnConvolutionStruct();
    private final Pointer workspace = new Pointer();
    private int algorithm;
    private long workspaceBytes;

    CudnnConvolution(CudnnLibrary library, Work.Convolution c, Pointer y, Pointer x, Pointer w) {
        this.library = library;
        this.y = y;
        this.x = x;
        this.w = w;
        describe(c);
        choose();
        if (workspaceBytes > 0) {
            CudnnLibrary.cuda(cudart.cudaMalloc(workspace, workspaceBytes), "cudaMalloc");
        }
    }

    /** cuDNN pads equally on opposite sides; ours may not. */
    static boolean serves(Work.Convolution c) {
        return (c.uh() + 2 * c.padTop() - c.kh()) / c.stride() + 1 == c.oh()
            && (c.uw() + 2 * c.padLeft() - c.kw()) / c.stride() + 1 == c.ow();
    }

    private void describe(Work.Convolution c) {
        int channels = c.c() + c.c2();
        CudnnLibrary.dnn(cudnn.cudnnCreateTensorDescriptor(input), "cudnnCreateTensorDescriptor");
        CudnnLibrary.dnn(cudnn.cudnnCreateTensorDescriptor(output), "cudnnCreateTensorDescriptor");
        CudnnLibrary.dnn(cudnn.cudnnCreateFilterDescriptor(filter), "cudnnCreateFilterDescriptor");
        CudnnLibrary.dnn(cudnn.cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor");
        tensor(input, c.n(), channels, c.uh(), c.uw());
        tensor(output, c.n(), c.o(), c.oh(), c.ow());
        CudnnLibrary.dnn(cudnn.cudnnSetFilter4dDescriptor(filter, cudnn.CUDNN_DATA_HALF, cudnn.CUDNN_TENSOR_NHWC, c.o(),
            channels, c.kh(), c.kw()), "cudnnSetFilter4dDescriptor");
        CudnnLibrary.dnn(cudnn.cudnnSetConvolution2dDescriptor(convolution, c.padTop(), c.padLeft(), c.stride(),
            c.stride(), 1, 1, cudnn.CUDNN_CROSS_CORRELATION, cudnn.CUDNN_DATA_FLOAT), "cudnnSetConvolution2dDescriptor");
        CudnnLibrary.dnn(cudnn.cudnnSetConvolutionMathType(convolution, cudnn.CUDNN_TENSOR_OP_MATH),
            "cudnnSetConvolutionMathType");
    }

    private static void tensor(cudnnTensorStruct t, int n, int c, int h, int w) {
        CudnnLibrary.dnn(cudnn.cudnnSetTensor4dDescriptor(t, cudnn.CUDNN_TENSOR_NHWC, cudnn.CUDNN_DATA_HALF, n, c, h,
            w), "cudnnSetTensor4dDescriptor");
    }

    private void choose() {
        int[] found = new int[1];
        try (cudnnConvolutionFwdAlgoPerf_t results = new cudnnConvolutionFwdAlgoPerf_t(ALGORITHMS)) {
            CudnnLibrary.dnn(cudnn.cudnnFindConvolutionForwardAlgorithm(library.dnn, input, filter, convolution, output,
                ALGORITHMS, found, results), "cudnnFindConvolutionForwardAlgorithm");
            results.position(0);
            if (found[0] == 0 || results.status() != 0) {
                throw new BackendException("baseline cudnn: expected an algorithm for the convolution, found none");
            }
            algorithm = results.algo();
            workspaceBytes = results.memory();
            CudnnLibrary.dnn(cudnn.cudnnSetConvolutionMathType(convolution, results.mathType()),
                "cudnnSetConvolutionMathType");
        }
    }

    @Override
    public void run() {
        CudnnLibrary.dnn(cudnn.cudnnConvolutionForward(library.dnn, library.one(), input, x, filter, w, convolution,
            algorithm, workspace, workspaceBytes, library.zero(), output, y), "cudnnConvolutionForward");
    }

    @Override
    public void close() {
        CudnnLibrary.cuda(cudart.cudaFree(workspace), "cudaFree");
        CudnnLibrary.dnn(cudnn.cudnnDestroyConvolutionDescriptor(convolution), "cudnnDestroyConvolutionDescriptor");
        CudnnLibrary.dnn(cudnn.cudnnDestroyFilterDescriptor(filter), "cudnnDestroyFilterDescriptor");
        CudnnLibrary.dnn(cudnn.cudnnDestroyTensorDescriptor(output), "cudnnDestroyTensorDescriptor");
        CudnnLibrary.dnn(cudnn.cudnnDestroyTensorDescriptor(input), "cudnnDestroyTensorDescriptor");
    }
}
