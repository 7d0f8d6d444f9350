package org.daguerre.upscale;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.Weights;

/** A network that enlarges pictures. */
public interface UpscalerNet extends AutoCloseable {
    /**
     * Loads the network that the names are of.
     *
     * @param ops an arena of its own, in the type of the activations
     * @throws org.daguerre.weights.CheckpointException if a tensor is missing or has another shape
     */
    static UpscalerNet load(Ops ops, Weights w) {
        return w.has("body.0.weight") ? CompactNet.load(ops, w) : RrdbNet.load(ops, w);
    }

    /** How many times the sides grow. */
    int scale();

    /** Sides of the input must be multiples of this. */
    int multiple();

    Ops ops();

    /** x [N, H, W, 3] in 0..1, RGB, in the activations' type -> [N, scale H, scale W, 3], not clamped. */
    Tensor forward(Ops parent, Tensor x);

    @Override
    void close();
}
