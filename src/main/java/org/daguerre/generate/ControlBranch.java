package org.daguerre.generate;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.ControlResiduals;

/** The ControlNets of a run: their residuals for one U-Net forward pass. */
@FunctionalInterface
public interface ControlBranch {
    /**
     * @param x       [rows, h, w, C] scaled latents in the activations' type, without extra channels
     * @param positive how many rows, the first ones, belong to positive prompts
     * @param timestep of the step
     * @param context [rows, L, D] text features
     * @param added   [rows, addedDim] or null
     * @param progress fraction of the steps done, 0..1
     * @return null if no net works at this step
     */
    ControlResiduals residuals(Ops ops, Tensor x, int positive, double timestep, Tensor context, Tensor added, double progress);
}
