package org.daguerre.diffusion;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** May replace the latents after each step; latent inpainting keeps the unmasked part with it. */
@FunctionalInterface
public interface StepHook {
    StepHook NONE = (ops, next, latents) -> latents;

    /**
     * @param next index of the step that follows, for {@link Plan#addNoise}; {@link Plan#end} after the last one
     * @return {@code latents}, or others that live in {@code ops}
     */
    Tensor after(Ops ops, int next, Tensor latents);
}
