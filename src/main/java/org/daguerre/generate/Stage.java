package org.daguerre.generate;

import org.daguerre.model.Model;
import org.daguerre.tensor.Ops;
import org.daguerre.unet.ContextTransform;

/**
 * A model with everything that a run needs around it: the session keeps one per model (base, refiner).
 *
 * @param ops   the session's arena, in the type of the U-Net
 * @param hyper hypernetwork of the run, or null
 */
public record Stage(Model model, UNetRunner runner, Ops ops, ContextTransform hyper) {
}
