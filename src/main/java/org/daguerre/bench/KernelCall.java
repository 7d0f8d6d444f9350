package org.daguerre.bench;

import java.util.Arrays;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/** One operation with inputs and output in an engine's memory, to be run over and over. */
final class KernelCall implements Runnable, AutoCloseable {
    static final float EPS = 1e-5f;

    private final Backend engine;
    private final Tensor output;
    private final PackedWeights weights;
    private final Runnable call;

    private KernelCall(Backend engine, Tensor output, PackedWeights weights, Runnable call) {
        this.engine = engine;
        this.output = output;
        this.weights = weights;
        this.call = call;
    }

    /** @param ops owns the tensors; close it after the call */
    static KernelCall of(Ops ops, Work work) {
        if (work instanceof Work.Convolution c) {
            return convolution(ops, c);
        }
        if (work instanceof Work.Linear l) {
            return linear(ops, l);
        }
        return work instanceof Work.Attention a ? attention(ops, a) : norm(ops, (Work.Norm) work);
    }

    /** Deviation of a layer's weights that keeps the size of its input. */
    static double deviation(double inputs) {
        return 1 / Math.sqrt(inputs);
    }

    private static KernelCall convolution(Ops ops, Work.Convolution c) {
        Backend engine = ops.backend();
        Tensor x = RandomTensors.device(ops, c.n(), c.h(), c.w(), c.c());
        Tensor x2 = c.c2() > 0 ? RandomTensors.device(ops, c.n(), c.h(), c.w(), c.c2()) : null;
        Tensor y = ops.empty(ops.type(), c.n(), c.oh(), c.ow(), c.o());
        Tensor residual = c.residual() ? RandomTensors.device(ops, c.n(), c.oh(), c.ow(), c.o()) : null;
        HostTensor weight = RandomTensors.host(deviation((double) c.kh() * c.kw() * (c.c() + c.c2())), c.o(), c.c()
            + c.c2(), c.kh(),
            c.kw());
        PackedWeights w = engine.packConv2d(ops.type(), weight, null, c.c2());
        return new KernelCall(engine, y, w, () -> engine.conv2d(y, x, x2, w, null, residual, c.uh(), c.uw(),
            c.stride(), c.padTop(),
            c.padLeft(), 0));
    }

    private static KernelCall linear(Ops ops, Work.Linear l) {
        Backend engine = ops.backend();
        int rows = Math.toIntExact(l.rows());
        int columns = l.geglu() ? l.o() / 2 : l.o();
        Tensor x = RandomTensors.device(ops, rows, l.k());
        Tensor y = ops.empty(ops.type(), rows, columns);
        Tensor residual = l.residual() ? RandomTensors.device(ops, rows, columns) : null;
        PackedWeights w = engine.packLinear(ops.type(), RandomTensors.host(deviation(l.k()), l.o(), l.k()), null,
            l.geglu());
        return new KernelCall(engine, y, w, () -> engine.linear(y, x, w, residual, 0));
    }

    private static KernelCall attention(Ops ops, Work.Attention a) {
        Backend engine = ops.backend();
        int width = a.heads() * a.d();
        Columns q = RandomTensors.device(ops, a.n(), a.lq(), width).columns();
        Columns k = RandomTensors.device(ops, a.n(), a.lk(), width).columns();
        Columns v = RandomTensors.device(ops, a.n(), a.lk(), width).columns();
        Tensor y = ops.empty(ops.type(), a.n(), a.lq(), width);
        float scale = (float) (1 / Math.sqrt(a.d()));
        return new KernelCall(engine, y, null, () -> engine.attention(y, q, k, v, a.heads(), scale, a.causal()));
    }

    private static KernelCall norm(Ops ops, Work.Norm n) {
        Backend engine = ops.backend();
        Tensor x = RandomTensors.device(ops, n.n(), n.positions(), 1, n.c());
        Tensor y = ops.empty(ops.type(), n.n(), n.positions(), 1, n.c());
        float[] one = new float[n.c()];
        Arrays.fill(one, 1);
        Tensor weight = ops.upload(one, Shape.of(n.c()));
        Tensor bias = ops.upload(new float[n.c()], Shape.of(n.c()));
        return new KernelCall(engine, y, null, n.layer() ? () -> engine.layerNorm(y, x, weight, bias, EPS)
            : () -> engine.groupNorm(y, x, null, weight, bias, n.groups(), EPS, Activation.NONE));
    }

    Tensor output() {
        return output;
    }

    @Override
    public void run() {
        call.run();
    }

    @Override
    public void close() {
        if (weights != null) {
            engine.free(weights);
        }
    }
}
