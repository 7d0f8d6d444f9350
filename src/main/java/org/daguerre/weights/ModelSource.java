package org.daguerre.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A model, whether it is a folder in the diffusers layout or a single file. Components have the names of that layout
 * ({@code unet}, {@code vae}, {@code text_encoder}, {@code text_encoder_2}, {@code scheduler}, ...), their tensors the
 * diffusers names.
 */
public interface ModelSource extends AutoCloseable {
    /**
     * Opens a diffusers folder or a single file.
     *
     * @throws CheckpointException if it is neither, or is broken
     */
    static ModelSource open(Path path) {
        return Files.isDirectory(path) ? ModelDirectory.open(path) : SingleFile.open(path);
    }

    /**
     * As {@link #open(Path)}; for a single file the configurations come from the component folders below {@code
     * configs}.
     */
    static ModelSource open(Path path, Path configs) {
        return Files.isDirectory(path) ? ModelDirectory.open(path) : SingleFile.open(path, configs);
    }

    /** The file or folder. */
    Path path();

    /** Components that can be loaded. */
    Set<String> components();

    /** Whether a component exists. */
    boolean has(String component);

    /** Configuration of a component or of the {@code scheduler}. */
    JsonConfig config(String component);

    /** Weights of a component, to be closed by the caller. */
    Checkpoint weights(String component);

    /**
     * Folder with the files of a component that is not a network, such as {@code tokenizer}; empty if there is none.
     */
    Optional<Path> folder(String component);

    /** Which model this is. */
    Family family();

    @Override
    void close();
}
