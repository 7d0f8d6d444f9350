package org.daguerre.weights;

import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;

/**
 * A checkpoint seen from one prefix. It remembers what was read, so that a model can prove that it used every weight of
 * its file. All views of one checkpoint share that memory.
 */
public final class Weights {
    private final Checkpoint checkpoint;
    private final NavigableSet<String> names;
    private final Set<String> used;
    private final String prefix;

    private Weights(Checkpoint checkpoint, NavigableSet<String> names, Set<String> used, String prefix) {
        this.checkpoint = checkpoint;
        this.names = names;
        this.used = used;
        this.prefix = prefix;
    }

    /** The whole checkpoint; nothing read yet. */
    public static Weights of(Checkpoint checkpoint) {
        return new Weights(checkpoint, new TreeSet<>(checkpoint.names()), ConcurrentHashMap.newKeySet(), "");
    }

    /** The view from {@code name}, a dotted path below this one; {@code sub("conv1").tensor("weight")}. */
    public Weights sub(String name) {
        return new Weights(checkpoint, names, used, prefix + name + ".");
    }

    /** Whether there is a tensor of this name or any tensor below it. */
    public boolean has(String name) {
        String full = prefix + name;
        if (names.contains(full)) {
            return true;
        }
        String next = names.ceiling(full + ".");
        return next != null && next.startsWith(full + ".");
    }

    /**
     * Reads a tensor whose shape is known.
     *
     * @throws CheckpointException if it is missing or has another shape; the message has the full name and both shapes
     */
    public HostTensor tensor(String name, int... expectedShape) {
        Shape expected = Shape.of(expectedShape);
        Shape found = shape(name);
        if (!found.equals(expected)) {
            throw CheckpointException.of(checkpoint.source(), "tensor " + prefix + name + " of shape " + expected,
                found.toString());
        }
        return tensor(name);
    }

    /**
     * Reads a tensor of any shape.
     *
     * @throws CheckpointException if it is missing or holds integers, which no weight does
     */
    public HostTensor tensor(String name) {
        String full = existing(name);
        HostTensor tensor = checkpoint.tensor(full);
        if (!tensor.dtype().isFloat()) {
            throw CheckpointException.of(checkpoint.source(), "tensor " + full + " of floating point numbers", tensor.dtype().toString());
        }
        used.add(full);
        return tensor;
    }

    /** Shape of a tensor, without reading it. */
    public Shape shape(String name) {
        return checkpoint.shape(existing(name));
    }

    /** Shape of a tensor that must have this rank, without reading it. */
    public Shape shape(String name, int rank) {
        Shape shape = shape(name);
        if (shape.rank() != rank) {
            throw CheckpointException.of(checkpoint.source(), "tensor " + prefix + name + " of rank " + rank,
                shape.toString());
        }
        return shape;
    }

    private String existing(String name) {
        String full = prefix + name;
        if (!names.contains(full)) {
            throw CheckpointException.of(checkpoint.source(), "tensor " + full, "no such tensor");
        }
        return full;
    }

    /** Counts a tensor, or all tensors below a name, as read: known, and not needed. */
    public void ignore(String name) {
        String full = prefix + name;
        if (names.contains(full)) {
            used.add(full);
        }
        below(full + ".").forEach(used::add);
    }

    /** Full names below this prefix that nobody has read. */
    public Set<String> unused() {
        Set<String> rest = new TreeSet<>(below(prefix));
        rest.removeAll(used);
        return rest;
    }

    /** Names below this prefix, without the prefix. */
    public Set<String> names() {
        Set<String> own = new TreeSet<>();
        below(prefix).forEach(n -> own.add(n.substring(prefix.length())));
        return own;
    }

    private Set<String> below(String start) {
        return names.subSet(start, true, start + Character.MAX_VALUE, false);
    }

    /** Empty, or a dotted path that ends with a dot. */
    public String prefix() {
        return prefix;
    }

    public Checkpoint checkpoint() {
        return checkpoint;
    }
}
