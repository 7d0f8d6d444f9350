package org.daguerre.unet;

import org.daguerre.nn.Probe;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * What every block of one forward pass may need besides its input.
 *
 * @param time   projections of the time embedding for all ResNet blocks side by side, [1 or N, sum of widths]
 * @param text   keys and values of the prompt per cross-attention layer, each [N, L, 2 C]; constant during a run
 * @param hyper  changes keys' and values' input in self-attention (hypernetworks), or null
 * @param probe  sees named results
 */
public record StepContext(Tensor time, Tensor[] text, ContextTransform hyper, Probe probe) {

    /** Columns of one ResNet block. */
    Columns time(int offset, int width) {
        return time.columns(offset, width);
    }

    void see(Ops ops, String name, Tensor t) {
        probe.see(ops, name, t);
    }
}
