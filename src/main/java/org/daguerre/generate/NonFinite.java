package org.daguerre.generate;

import java.util.function.IntSupplier;
import org.daguerre.nn.FirstNonFinite;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.StepContext;

/**
 * Names the layer where latents stopped being finite numbers. Checking each layer would slow every run, so a run that ended badly is
 * repeated with {@link #pass}, which ends it where its numbers go wrong.
 */
final class NonFinite {
    private final String what;
    private final IntSupplier step;

    /**
     * @param what  the finding, for the message
     * @param step  number of the step that runs
     */
    NonFinite(String what, IntSupplier step) {
        this.what = what;
        this.step = step;
    }

    /** Runs a pass of the U-Net; throws if its output is not finite. */
    Tensor pass(Pass pass) {
        Tensor y = Pass.alone(pass);
        if (pass.ops.countNonFinite(y) > 0) {
            throw new ArithmeticException(what + ": first in step " + step.getAsInt() + ", " + layer(pass) + hint(pass.ops.type()));
        }
        return y;
    }

    /** All passes were finite this time. */
    ArithmeticException elsewhere() {
        return new ArithmeticException(what + ": the U-Net's outputs are, so the sampler's own numbers overflow");
    }

    /** What to try against overflow. */
    static String hint(DType type) {
        return type == DType.F16 ? " (f16 overflows at 65,504; the precisions bf16 and f32 do not)" : "";
    }

    private static String layer(Pass pass) {
        FirstNonFinite inputs = new FirstNonFinite();
        inputs.see(pass.ops, "in the latents before the U-Net", pass.x);
        inputs.see(pass.ops, "in the U-Net's time_embedding", pass.time);
        for (Tensor t : pass.text) {
            inputs.see(pass.ops, "in the prompt's keys and values (text encoder or attn2.to_k, attn2.to_v)", t);
        }
        if (inputs.module().isPresent()) {
            return inputs.module().get();
        }
        FirstNonFinite layers = new FirstNonFinite();
        try (Ops ops = pass.ops.child()) {
            pass.runner.unet().forward(ops, pass.x, new StepContext(pass.time, pass.text, pass.hyper, layers), pass.control);
        }
        return layers.module().map(name -> "after the U-Net's layer " + name).orElse("not seen when the pass was repeated");
    }
}
