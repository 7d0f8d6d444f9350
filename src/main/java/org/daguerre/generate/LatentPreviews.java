package org.daguerre.generate;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Optional;
import org.daguerre.diffusion.StepListener;
import org.daguerre.image.AwtImages;
import org.daguerre.image.Images;
import org.daguerre.image.LatentPreview;
import org.daguerre.image.ValueRange;
import org.daguerre.model.Model;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.vae.Autoencoder;

/** Renders the estimate of the clean latents after a step, when the listener asks for it. */
final class LatentPreviews implements AutoCloseable {
    private final LatentPreview factors;
    private final Optional<Autoencoder> decoder;

    /** @param decoder a small autoencoder for pictures of full size; empty: a linear map, one pixel per latent */
    LatentPreviews(Model model, Optional<Path> decoder, Backend backend) {
        factors = model.family().xl() ? LatentPreview.SDXL : LatentPreview.SD;
        this.decoder = decoder.map(path -> Autoencoders.open(path, backend));
        int channels = this.decoder.map(Autoencoder::latentChannels).orElse(model.autoencoder().latentChannels());
        if (channels != model.autoencoder().latentChannels()) {
            close();
            throw new IllegalArgumentException("preview autoencoder: expected one for " + model.autoencoder().latentChannels()
                + " latent channels, found " + channels);
        }
    }

    /** @param image index within the batch */
    BufferedImage render(StepListener.Event event, int image) {
        Tensor clean = event.clean().rows(image, image + 1);
        return decoder.isPresent() ? decoded(event.ops(), clean, decoder.get()) : linear(event.ops(), clean);
    }

    private BufferedImage linear(Ops parent, Tensor clean) {
        try (Ops ops = parent.child()) {
            return factors.render(finite(ops.download(ops.toNchw(clean))), clean.dim(1), clean.dim(2), 1);
        }
    }

    private static BufferedImage decoded(Ops parent, Tensor clean, Autoencoder decoder) {
        try (Ops ops = parent.child()) {
            Tensor picture = decoder.decode(ops, clean);
            float[] values = finite(ops.download(picture));
            return AwtImages.toBuffered(Images.fromNhwc(values, 0, 3, picture.dim(1), picture.dim(2), ValueRange.SIGNED));
        }
    }

    /** Numbers that are not finite end the run with a better message than a preview could give. */
    private static float[] finite(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.isFinite(values[i]) ? values[i] : 0;
        }
        return values;
    }

    @Override
    public void close() {
        decoder.ifPresent(Autoencoder::close);
    }
}
