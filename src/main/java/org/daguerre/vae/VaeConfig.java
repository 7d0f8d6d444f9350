package org.daguerre.vae;

import org.daguerre.weights.JsonConfig;

/**
 * The numbers of a KL autoencoder.
 *
 * @param channels      per level, highest resolution first
 * @param scalingFactor U-Net latents = autoencoder latents times this
 * @param forceUpcast   whether f16 activations overflow (SDXL's published weights)
 */
public record VaeConfig(int[] channels, int layersPerBlock, int groups, int latentChannels, double scalingFactor, boolean forceUpcast) {

    /** From a diffusers {@code config.json}; keys that are missing take diffusers' defaults, except that only an explicit {@code force_upcast} counts: files of SD 1 and 2 lack the key and do not need it. */
    public static VaeConfig of(JsonConfig c) {
        return new VaeConfig(c.getLevels("block_out_channels", 64), c.getCount("layers_per_block", 1),
            c.getCount("norm_num_groups", 32), c.getCount("latent_channels", 4), c.getDouble("scaling_factor", 0.18215),
            c.getBoolean("force_upcast", false));
    }

    public int levels() {
        return channels.length;
    }

    public int factor() {
        return 1 << (channels.length - 1);
    }
}
