package org.daguerre.diffusion;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/** The random numbers of one run, in the order in which a sampler asks for them. Not shared between runs. */
public interface NoiseSource {
    /** The next unit Gaussian of {@code shape} [N, H, W, C]; row n depends only on its own image's seed. */
    Tensor draw(Ops ops, Shape shape);

    /**
     * The increment W(from) - W(to) of a Brownian path over noise levels, divided by sqrt(|from - to|): unit Gaussian,
     * and consistent between overlapping intervals, whatever the number of steps.
     */
    Tensor brownian(Ops ops, Shape shape, double from, double to);
}
