package org.daguerre.weights.torch;

/** A class or function that a pickle mentions: nothing but its name. */
public record GlobalRef(String module, String name) {
    /** {@code module.name}. */
    @Override
    public String toString() {
        return module + "." + name;
    }
}
