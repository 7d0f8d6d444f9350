package org.daguerre.diffusion;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Told after each step of a run, on the run's thread. */
@FunctionalInterface
public interface StepListener {
    StepListener NONE = event -> true;

    /** @return whether to go on; false ends the run with a {@link java.util.concurrent.CancellationException} */
    boolean onStep(Event event);

    /** One finished step. Its tensors are valid only during the call. */
    interface Event {
        /** 0 .. {@link #count} - 1 within this run. */
        int index();

        int count();

        /** Noise level before the step, per unit of signal. */
        double sigma();

        double timestep();

        /** Arena for what the listener computes; closed after the call. */
        Ops ops();

        /** Latents after the step, as the sampler holds them. */
        Tensor latents();

        /** The current estimate of the clean latents: what a preview should decode. Computed when called. */
        Tensor clean();
    }
}
