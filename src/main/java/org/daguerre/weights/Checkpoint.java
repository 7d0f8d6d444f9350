package org.daguerre.weights;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;

/**
 * A set of named tensors in a file (or in several, or seen through a renaming view). Asking for names, shapes and types
 * reads no tensor data. A tensor that was handed out stays valid after {@link #close}. Safe for use by several threads.
 *
 * <p>Every method that takes a name throws {@link CheckpointException} if there is no such tensor.
 */
public interface Checkpoint extends AutoCloseable {
    /** Names of all tensors, in the order of the file. */
    Set<String> names();

    /** Shape of a tensor, outermost dimension first. */
    Shape shape(String name);

    /** Element type of a tensor. */
    DType dtype(String name);

    /** The tensor itself. */
    HostTensor tensor(String name);

    /** Free-form text stored in the file; empty if the format or the file has none. */
    Map<String, String> metadata();

    /** The file, or the folder of a set of files. */
    Path source();

    /** Whether a tensor of this name exists. */
    default boolean has(String name) {
        return names().contains(name);
    }

    /** Lets go of the file. */
    @Override
    void close();
}
