package org.daguerre.weights.torch;

/** A class or function that a pickle mentions: nothing but its name. */
public record GlobalRef(String module, String name) implements Comparable<GlobalRef> {
    /** An order, so that a hash table stays fast when many have the same hash. */
    @Override
    public int compareTo(GlobalRef other) {
        int byModule = module.compareTo(other.module);
        return byModule != 0 ? byModule : name.compareTo(other.name);
    }

    /** {@code module.name}. */
    @Override
    public String toString() {
        return module + "." + name;
    }
}
