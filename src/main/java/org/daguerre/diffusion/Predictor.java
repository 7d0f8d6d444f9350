package org.daguerre.diffusion;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** The network with its conditioning and guidance, as a sampler sees it. A call may block to share a batch. */
@FunctionalInterface
public interface Predictor {
    /**
     * @param ops arena that the result must live in
     * @param input latents [N, H, W, C], f32, already scaled for the network
     * @param timestep 0 .. training timesteps - 1; may be fractional and must not be rounded
     * @return raw output (noise, velocity or sample), shape of {@code input}
     */
    Tensor predict(Ops ops, Tensor input, double timestep);
}
