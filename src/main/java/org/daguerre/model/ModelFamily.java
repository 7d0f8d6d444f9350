package org.daguerre.model;

import org.daguerre.weights.ModelSource;

/** One line of Stable Diffusion models: how it reads prompts and what else it is told. Everything else is configuration. */
public interface ModelFamily {
    /** Name for people. */
    String name();

    boolean matches(ModelSource source);

    TextConditioner conditioner(ComponentLoader loader);

    /**
     * Numbers that the model gets besides text and time, each embedded like a timestep; empty for families without.
     *
     * @param negative whether they go with the negative prompt
     */
    double[] sizeIds(PictureSizes sizes, boolean negative);

    /** Whether 16-bit floats overflow in the autoencoder unless its configuration says otherwise. */
    default boolean autoencoderOverflowsHalf() {
        return false;
    }

    /** Whether the linear latent preview uses SDXL's factors. */
    default boolean xl() {
        return false;
    }
}
