package org.daguerre.generate;

import org.daguerre.Request;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.StepHook;
import org.daguerre.image.Image;
import org.daguerre.image.Masks;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/**
 * Inpainting with a model that was not trained for it: after each step, what is not masked is replaced by the start picture's latents at
 * the noise level of the next step (the clean ones after the last).
 */
final class LatentBlend {
    private LatentBlend() {
    }

    static StepHook of(Ops run, Plan plan, Request request, StartLatents.Start start, Shape shape) {
        if (start.noise() == null) {
            throw new IllegalArgumentException("inpainting by blending: expected noise, found given latents; give noise instead");
        }
        Tensor mask = mask(run, request, shape);
        return (ops, next, latents) -> {
            Tensor kept = next >= plan.length() ? start.clean() : plan.addNoise(ops, start.clean(), start.noise(), next);
            return ops.blend(kept, latents, mask);
        };
    }

    /** [1, h, w], 1 where the picture is repainted. */
    static Tensor mask(Ops ops, Request request, Shape shape) {
        Image small = Masks.toLatent(Masks.binarise(request.mask().orElseThrow().toGrey()), shape.dim(2), shape.dim(1));
        return ops.upload(small.planes(), 1, shape.dim(1), shape.dim(2));
    }
}
