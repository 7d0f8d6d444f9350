package org.daguerre.tensor;

/** An engine could not do what it was asked to: out of memory, device fault, unsupported operation. */
public class BackendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackendException(String message) {
        super(message);
    }

    public BackendException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The engine has no memory left; it stays usable. */
    public static final class OutOfMemory extends BackendException {
        private static final long serialVersionUID = 1L;

        public OutOfMemory(String message) {
            super(message);
        }
    }
}
