package org.daguerre.bench;

import java.util.OptionalDouble;
import org.daguerre.backend.NativeBackend;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.DeviceBuffer;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * NVIDIA's libraries on the memory of our cuda engine: cuDNN's convolutions, cuBLAS' products, and attention as cuBLAS
 * products around cuDNN's softmax (the presets have no fused attention). It needs the optional dependency
 * org.bytedeco:cuda and an installation of cuDNN and cuBLAS. This class itself loads none of them: {@link #open} does,
 * and only where a cuda engine, hence a driver, exists.
 *
 * <p>Differences that favour the library: it adds no bias, residual or activation, an upsampled or concatenated input
 * is there already, and GEGLU is the product alone.
 */
public final class CudnnBaseline implements Baseline {
    private final NativeBackend engine;
    private final CudnnLibrary library;

    private CudnnBaseline(NativeBackend engine, CudnnLibrary library) {
        this.engine = engine;
        this.library = library;
    }

    /**
     * @param engine a cuda engine in f16; it stays the caller's to close
     * @throws BackendException with the reason where the libraries cannot be used
     */
    public static CudnnBaseline open(Backend engine) {
        if (!(engine instanceof NativeBackend cuda) || !engine.name().equals("cuda")) {
            throw new BackendException("baseline cudnn: expected the cuda engine, found " + engine.name());
        }
        if (cuda.preferredType() != DType.F16) {
            throw new BackendException("baseline cudnn: expected activations of type F16, found "
                + cuda.preferredType());
        }
        try (Ops ops = Ops.on(cuda)) {
            return new CudnnBaseline(cuda, CudnnLibrary.open(address(ops.empty(DType.F16, 128))));
        } catch (LinkageError e) {
            throw new BackendException("baseline cudnn: expected org.bytedeco:cuda on the class path and cuDNN 9 and "
                + "cuBLAS 13 on the library path, found " + e.getMessage(), e);
        }
    }

    static long address(Tensor t) {
        return ((DeviceBuffer) t.buffer()).address() + t.offset() * t.dtype().bytes();
    }

    /** For tests: the calls themselves. */
    CudnnLibrary library() {
        return library;
    }

    @Override
    public String description() {
        return library.description();
    }

    @Override
    public OptionalDouble milliseconds(Work work, int repetitions) {
        try (Ops ops = Ops.on(engine)) {
            if (work instanceof Work.Convolution c) {
                return CudnnConvolution.serves(c) ? time(convolution(ops, c), repetitions) : OptionalDouble.empty();
            }
            if (work instanceof Work.Linear l) {
                return time(linear(ops, l), repetitions);
            }
            Work.Attention a = (Work.Attention) work;
            return a.causal() ? OptionalDouble.empty() : time(attention(ops, a), repetitions);
        }
    }

    private CudnnLibrary.Call convolution(Ops ops, Work.Convolution c) {
        Tensor x = RandomTensors.device(ops, c.n(), c.uh(), c.uw(), c.c() + c.c2());
        Tensor w = RandomTensors.device(ops, c.o(), c.kh(), c.kw(), c.c() + c.c2());
        Tensor y = ops.empty(DType.F16, c.n(), c.oh(), c.ow(), c.o());
        return library.convolution(c, address(y), address(x), address(w));
    }

    private CudnnLibrary.Call linear(Ops ops, Work.Linear l) {
        int rows = Math.toIntExact(l.rows());
        Tensor x = RandomTensors.device(ops, rows, l.k());
        Tensor w = RandomTensors.device(ops, l.o(), l.k());
        return library.product(address(ops.empty(DType.F16, rows, l.o())), address(x), address(w), rows, l.k(), l.o());
    }

    private CudnnLibrary.Call attention(Ops ops, Work.Attention a) {
        int width = a.heads() * a.d();
        Tensor q = RandomTensors.device(ops, a.n(), a.lq(), width);
        Tensor k = RandomTensors.device(ops, a.n(), a.lk(), width);
        Tensor v = RandomTensors.device(ops, a.n(), a.lk(), width);
        Tensor scores = ops.empty(DType.F16, a.heads(), a.lq(), a.lk());
        return library.attention(a, address(ops.empty(DType.F16, a.n(), a.lq(), width)), address(q), address(k),
            address(v), address(scores));
    }

    private OptionalDouble time(CudnnLibrary.Call call, int repetitions) {
        try (call) {
            engine.synchronize();
            return OptionalDouble.of(library.milliseconds(call, repetitions));
        }
    }

    @Override
    public void close() {
        library.close();
    }
}
