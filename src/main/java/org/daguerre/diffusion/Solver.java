package org.daguerre.diffusion;

import org.daguerre.tensor.Tensor;

/** The state of one run of a sampler. Made for one run, used by one thread, called with rising step indices. */
@FunctionalInterface
public interface Solver {
    /** @param x latents before this step; returns those after it, living in the step's arena */
    Tensor step(Step step, Tensor x);

    /** Through how many steps a step's tensors stay alive, its own included; older ones may not be used. */
    default int memory() {
        return 5;
    }
}
