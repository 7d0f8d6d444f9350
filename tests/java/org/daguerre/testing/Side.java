package org.daguerre.testing;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/**
 * One engine of a comparison. It makes the inputs of an operation from names; both sides get the same numbers, rounded
 * to the type under test, whatever they store them in. Frees everything when closed.
 */
public final class Side implements AutoCloseable {
    private final Backend backend;
    private final Ops ops;
    private final DType rounding;
    private final Values values;
    private final List<PackedWeights> packed = new ArrayList<>();

    /**
     * @param rounding the type under test
     * @param values   what {@link #input} holds
     */
    public Side(Backend backend, DType rounding, Values values) {
        this.backend = backend;
        this.ops = Ops.on(backend, backend.supports(rounding) ? rounding : DType.F32);
        this.rounding = rounding;
        this.values = values;
    }

    public Ops ops() {
        return ops;
    }

    public Backend backend() {
        return backend;
    }

    /** Storage type of activations on this side. */
    public DType type() {
        return ops.type();
    }

    /** Activations of the case's values. */
    public Tensor input(String name, int... dims) {
        return input(name, values, dims);
    }

    public Tensor input(String name, Values kind, int... dims) {
        Shape shape = Shape.of(dims);
        return store(rounded(name, shape, kind.array(name, shape.count())), type());
    }

    /** F32 values, not rounded: latents, norm weights, timesteps. */
    public Tensor f32(String name, Values kind, int... dims) {
        Shape shape = Shape.of(dims);
        return ops.upload(kind.array(name, shape.count()), shape);
    }

    /** Given numbers as activations. */
    public Tensor activations(float[] numbers, int... dims) {
        return store(rounded("given", Shape.of(dims), numbers), type());
    }

    private HostTensor rounded(String name, Shape shape, float[] numbers) {
        return HostTensor.of(name, shape, numbers).to(rounding);
    }

    private Tensor store(HostTensor host, DType type) {
        Tensor t = ops.empty(type, host.shape().toArray());
        backend.upload(t, host.to(type));
        return t;
    }

    /**
     * Weights [o, c + c2, kernel, kernel] with a standard deviation that keeps the result near 1, and a bias unless
     * told otherwise.
     */
    public PackedWeights conv2d(int o, int c, int c2, int kernel, boolean bias) {
        HostTensor w = weights(Shape.of(o, c + c2, kernel, kernel), (c + c2) * kernel * kernel);
        PackedWeights p = backend.packConv2d(type(), w, bias ? bias(o) : null, c2);
        packed.add(p);
        return p;
    }

    /** Weights [o, k]. */
    public PackedWeights linear(String name, int o, int k, boolean bias, boolean geglu) {
        HostTensor w = HostTensor.of(name, Shape.of(o, k),
            Values.NORMAL.array(name, (long) o * k, 1 / Math.sqrt(k))).to(rounding);
        PackedWeights p = backend.packLinear(type(), w, bias ? bias(o) : null, geglu);
        packed.add(p);
        return p;
    }

    private HostTensor weights(Shape shape, int terms) {
        return HostTensor.of("weight", shape,
            Values.NORMAL.array("weight", shape.count(), 1 / Math.sqrt(terms))).to(rounding);
    }

    private HostTensor bias(int o) {
        return HostTensor.of("bias", Shape.of(o), Values.NORMAL.array("bias", o)).to(rounding);
    }

    @Override
    public void close() {
        packed.forEach(backend::free);
        packed.clear();
        ops.close();
    }
}
