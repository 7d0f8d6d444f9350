package org.daguerre.diffusion.random;

import java.util.Locale;

/** Whose random numbers a seed means. */
public enum Rng {
    /** PyTorch on a CUDA device: A1111's "NV", the default. */
    PHILOX,
    /** PyTorch on the CPU: A1111's and ComfyUI's "CPU", diffusers with a CPU generator. */
    MT19937;

    /** @throws IllegalArgumentException for a name other than philox and mt19937 */
    public static Rng of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "philox", "nv", "cuda", "gpu" -> PHILOX;
            case "mt19937", "cpu" -> MT19937;
            default -> throw new IllegalArgumentException("rng: expected philox or mt19937, found \"" + name + "\"");
        };
    }

    public NormalGenerator seeded(long seed) {
        return this == PHILOX ? new Philox(seed) : new Mt19937(seed);
    }
}
