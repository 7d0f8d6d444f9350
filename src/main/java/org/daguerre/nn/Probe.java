package org.daguerre.nn;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Sees the results of named modules while a network runs: for tests, and to name the layer where numbers stop being finite. */
@FunctionalInterface
public interface Probe {
    Probe NONE = (ops, name, t) -> {
    };

    /** @param name module name as in the checkpoint; @param t valid during the call only */
    void see(Ops ops, String name, Tensor t);
}
