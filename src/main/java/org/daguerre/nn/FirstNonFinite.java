package org.daguerre.nn;

import java.util.Optional;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** A probe that remembers the first module whose result holds a number that is not finite. Looking costs a pass over every result. */
public final class FirstNonFinite implements Probe {
    private String module;

    @Override
    public void see(Ops ops, String name, Tensor t) {
        if (module == null && ops.countNonFinite(t) > 0) {
            module = name;
        }
    }

    /** Its name as in the checkpoint; empty while all results were finite. */
    public Optional<String> module() {
        return Optional.ofNullable(module);
    }
}
