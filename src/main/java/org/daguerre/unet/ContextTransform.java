package org.daguerre.unet;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** What a hypernetwork does: other inputs for the key and the value projection of an attention layer (A1111's definition). */
public interface ContextTransform {
    /** Whether inputs of this width are changed. */
    boolean applies(int width);

    Tensor forKeys(Ops ops, Tensor context);

    Tensor forValues(Ops ops, Tensor context);
}
