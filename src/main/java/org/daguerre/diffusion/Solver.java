package org.daguerre.diffusion;

import org.daguerre.tensor.Tensor;

/** The state of one run of a sampler. Made for one run, used by one thread, called with rising step indices. */
@FunctionalInterface
public interface Solver {
    /**
     * How many steps back a solver may keep tensors: arenas of older steps are closed.
     */
    int MEMORY = 6;

    /** @param x latents before this step; returns those after it, living in the step's arena */
    Tensor step(Step step, Tensor x);
}
