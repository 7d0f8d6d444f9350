package org.daguerre.generate;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.ContextTransform;
import org.daguerre.unet.ControlResiduals;

/** A U-Net pass that a request needs next: the inputs, and after it has run the output or what went wrong. */
final class Pass {
    final UNetRunner runner;
    final Ops ops;
    final Tensor x;
    final Tensor time;
    final Tensor[] text;
    final ContextTransform hyper;
    final ControlResiduals control;
    private Tensor output;
    private Throwable failure;

    /** What must be equal for two passes to run as one, besides the adapters, which are those of the session at the moment. */
    record Kind(UNetRunner runner, int height, int width, int channels, int length, Pass alone) {
    }

    /**
     * @param ops  of the request: gets the output
     * @param x    [rows, h, w, C]; {@code time} and {@code text} as {@link UNetRunner#forward} wants them
     */
    Pass(UNetRunner runner, Ops ops, Tensor x, Tensor time, Tensor[] text, ContextTransform hyper, ControlResiduals control) {
        this.runner = runner;
        this.ops = ops;
        this.x = x;
        this.time = time;
        this.text = text;
        this.hyper = hyper;
        this.control = control;
    }

    int rows() {
        return x.dim(0);
    }

    Kind kind() {
        boolean alone = control != null || text.length == 0;
        return new Kind(runner, x.dim(1), x.dim(2), x.dim(3), alone ? 0 : text[0].dim(1), alone ? this : null);
    }

    /** Runs by itself. A failure is kept for {@link #output}. */
    void run() {
        try {
            output = runner.forward(ops, x, time, text, hyper, control);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    void complete(Tensor y) {
        output = y;
    }

    void fail(Throwable e) {
        failure = e;
    }

    boolean done() {
        return output != null || failure != null;
    }

    /** [rows, h, w, outChannels], owned by the request's arena; throws what went wrong. */
    Tensor output() {
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        return output;
    }

    /** For a request that has the engine to itself. */
    static Tensor alone(Pass pass) {
        pass.run();
        return pass.output();
    }
}
