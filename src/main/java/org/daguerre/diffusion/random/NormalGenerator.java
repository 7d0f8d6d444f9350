package org.daguerre.diffusion.random;

/** A seeded stream of unit Gaussians that depends on how many are asked for at a time, as PyTorch's do. */
public interface NormalGenerator {
    /** The next {@code count} numbers: what {@code torch.randn(count)} would return. */
    float[] next(int count);
}
