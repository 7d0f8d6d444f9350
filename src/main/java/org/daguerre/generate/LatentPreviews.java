package org.daguerre.generate;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.daguerre.diffusion.StepListener;
import org.daguerre.image.LatentPreview;
import org.daguerre.model.Model;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Renders the estimate of the clean latents after a step, when the listener asks for it. */
final class LatentPreviews {
    private final Model model;
    private final StepListener.Event event;

    LatentPreviews(Model model, StepListener.Event event) {
        this.model = model;
        this.event = event;
    }

    /** One pixel per latent. */
    BufferedImage render(int image) {
        Ops ops = event.ops();
        Tensor clean = ops.toNchw(event.clean());
        int count = Math.toIntExact(clean.count() / clean.dim(0));
        float[] all = ops.download(clean);
        float[] one = Arrays.copyOfRange(all, image * count, (image + 1) * count);
        LatentPreview factors = model.family().xl() ? LatentPreview.SDXL : LatentPreview.SD;
        return factors.render(one, clean.dim(2), clean.dim(3), 1);
    }
}
