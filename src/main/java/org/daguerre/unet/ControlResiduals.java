package org.daguerre.unet;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * What ControlNets add to a U-Net (Zhang et al. 2023, figure 3).
 *
 * @param down   one tensor per skip connection, in the order in which the U-Net pushes them
 * @param middle for the middle block
 */
public record ControlResiduals(Tensor[] down, Tensor middle) {

    Tensor addDown(Ops ops, int index, Tensor skip) {
        return ops.add(skip, down[index]);
    }

    Tensor addMiddle(Ops ops, Tensor h) {
        return ops.add(h, middle);
    }
}
