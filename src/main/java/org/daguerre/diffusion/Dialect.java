package org.daguerre.diffusion;

import java.util.Locale;

/** Whose definition a sampler's name means. */
public enum Dialect {
    /** The scheduler classes of Hugging Face diffusers; the default, since model files name them. */
    DIFFUSERS,
    /** The functions of Katherine Crowson's k-diffusion; what the names in A1111's web UI mean. */
    K_DIFFUSION;

    /** @throws IllegalArgumentException for a name other than {@code diffusers} and {@code k-diffusion} */
    public static Dialect of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "diffusers" -> DIFFUSERS;
            case "k-diffusion", "k_diffusion", "kdiffusion" -> K_DIFFUSION;
            default -> throw new IllegalArgumentException(
                "dialect: expected diffusers or k-diffusion, found \"" + name + "\"");
        };
    }
}
