package org.daguerre.weights;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A model file that cannot be read: broken, unsupported, incomplete or unsafe. The message names the file. */
public class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }

    /** "FILE: expected EXPECTED, found FOUND". */
    public static CheckpointException of(Path file, String expected, String found) {
        return new CheckpointException(file + ": expected " + expected + ", found " + found);
    }

    /** As {@link #of(Path, String, String)} with the exception that revealed it. */
    public static CheckpointException of(Path file, String expected, String found, Throwable cause) {
        return new CheckpointException(file + ": expected " + expected + ", found " + found, cause);
    }

    /** For a file that the system does not let us read. */
    static CheckpointException unreadable(Path file, IOException cause) {
        return of(file, "a readable file", cause instanceof NoSuchFileException ? "none of this name" : cause.toString(), cause);
    }
}
