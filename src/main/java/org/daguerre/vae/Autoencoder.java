package org.daguerre.vae;

import java.util.function.Supplier;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Pictures to latents and back. Latents here are the U-Net's, that is already multiplied by the scaling factor. */
public interface Autoencoder extends AutoCloseable {
    /** Picture side = this times latent side. */
    int factor();

    int latentChannels();

    /**
     * @param latents [N, h, w, C] F32
     * @return [N, factor h, factor w, 3] F32, about -1..1, not clamped
     */
    default Tensor decode(Ops ops, Tensor latents) {
        return decode(ops, latents, Probe.NONE);
    }

    /** The same with a look at the layers. */
    Tensor decode(Ops ops, Tensor latents, Probe probe);

    /**
     * @param image [N, H, W, 3] F32 in -1..1
     * @param noise [N, h, w, C] F32 unit Gaussian to sample the posterior with, or null for its mean
     * @return [N, h, w, C] F32
     */
    Tensor encode(Ops ops, Tensor image, Tensor noise);

    /** Runs work that uses this several times: weights that are loaded on demand stay until its end. */
    default <T> T together(Supplier<T> work) {
        return work.get();
    }

    @Override
    void close();
}
