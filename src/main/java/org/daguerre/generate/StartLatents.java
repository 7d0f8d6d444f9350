package org.daguerre.generate;

import java.util.Optional;
import org.daguerre.GivenTensors;
import org.daguerre.Request;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.random.SeededNoise;
import org.daguerre.image.Image;
import org.daguerre.image.Images;
import org.daguerre.image.ValueRange;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.daguerre.vae.Autoencoder;

/**
 * Where the latents of a run begin: noise, or a start picture with noise. Random numbers are drawn in the order in which diffusers draws
 * them (posterior of the picture, noise, posterior of the masked picture), unless the caller gives them.
 */
final class StartLatents {
    private final Ops ops;
    private final Autoencoder autoencoder;
    private final Request request;
    private final SeededNoise seeded;
    private final Shape shape;

    /** @param shape [N, h, w, C] */
    StartLatents(Ops ops, Autoencoder autoencoder, Request request, SeededNoise seeded, Shape shape) {
        this.ops = ops;
        this.autoencoder = autoencoder;
        this.request = request;
        this.seeded = seeded;
        this.shape = shape;
    }

    /**
     * @param clean  latents of the start picture, or null
     * @param noise  unit Gaussian noise, null where the caller gave the latents themselves
     * @param start  what the sampler begins with
     */
    record Start(Tensor clean, Tensor noise, Tensor start) {
    }

    /**
     * @param picture the start picture in the run's size, or empty
     * @param blends  whether the picture's latents are needed even at full strength
     */
    Start make(Plan plan, Optional<Image> picture, boolean blends) {
        GivenTensors given = request.given();
        boolean fromPicture = picture.isPresent();
        // Inpainting at full strength begins with pure noise, as in diffusers; only latent blending still needs the clean latents.
        boolean pure = !fromPicture || request.mask().isPresent() && request.strength() == 1;
        Tensor clean = fromPicture && (!pure || blends) ? encode(picture.get(), given.posterior()) : null;
        if (given.latents().isPresent()) {
            return new Start(clean, null, upload(given.latents().get(), "latents"));
        }
        Tensor noise = given.noise().isPresent() ? upload(given.noise().get(), "noise") : seeded.draw(ops, shape);
        return new Start(clean, noise, pure ? plan.start(ops, noise) : plan.start(ops, clean, noise));
    }

    /** Pixels per latent. */
    int factor() {
        return autoencoder.factor();
    }

    /** Latents of a picture, the same for the whole batch; sampled from the posterior or its mean. */
    Tensor encode(Image picture, Optional<HostTensor> givenNoise) {
        Tensor noise = null;
        if (givenNoise.isPresent()) {
            noise = upload(givenNoise.get(), "posterior noise");
        } else if (request.samplePosterior()) {
            noise = seeded.drawPosterior(ops, shape);
        }
        return encode(picture, noise);
    }

    private Tensor encode(Image picture, Tensor noise) {
        float[] one = Images.toNhwc(picture, ValueRange.SIGNED);
        int n = shape.dim(0);
        float[] all = new float[n * one.length];
        for (int i = 0; i < n; i++) {
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        return ops.scoped(o -> autoencoder.encode(o, o.upload(all, n, picture.height(), picture.width(), 3), noise));
    }

    /** A given [N, C, h, w] tensor, or [1, C, h, w] for every picture. */
    Tensor upload(HostTensor t, String what) {
        Shape expected = Shape.of(shape.dim(0), shape.dim(3), shape.dim(1), shape.dim(2));
        if (!t.shape().equals(expected)) {
            throw new IllegalArgumentException(what + ": expected " + expected + " (pictures, channels, height, width of the latents), found "
                + t.shape());
        }
        return ops.scoped(o -> o.toNhwc(o.upload(t.toFloats(), t.shape()), DType.F32));
    }
}
