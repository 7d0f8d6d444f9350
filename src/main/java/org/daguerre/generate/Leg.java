package org.daguerre.generate;

import org.daguerre.diffusion.Guidance;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.StepHook;
import org.daguerre.model.PictureSizes;
import org.daguerre.tensor.Tensor;

/**
 * One run of a sampler with one model: the whole schedule, or the part of it that is the base model's or the refiner's.
 *
 * @param plan    the steps: everything that happens at a fraction of them refers to it
 * @param start   [N, h, w, C] F32 latents before the first step
 * @param hook    changes latents after each step
 * @param extra   [N, h, w, k] channels behind the latents in the activations' type (inpainting, depth), or null
 * @param control ControlNets, or null
 * @param sizes   what SDXL is told about the picture
 */
record Leg(Stage stage, Plan plan, Conditions.Pair prompts, Guidance guidance, PictureSizes sizes, Tensor start, StepHook hook, Tensor extra,
           ControlBranch control) {

    /** The numbers behind the text that tell the picture's size, for the prompt or the negative one. */
    double[] sizeIds(boolean isNegative) {
        return stage.model().family().sizeIds(sizes, isNegative);
    }
}
