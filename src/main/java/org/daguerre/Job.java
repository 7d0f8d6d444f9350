package org.daguerre;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A request on its way: waiting in the session's queue, running, or done. Thread-safe.
 *
 * <p>The future completes with the result, or exceptionally: {@link java.util.concurrent.CancellationException} after {@link #cancel} or
 * the session's end, otherwise what {@link Daguerre#generate} would have thrown.
 */
public final class Job {
    private final CompletableFuture<Result> future = new CompletableFuture<>();
    private volatile boolean cancelled;
    private volatile Progress progress;

    Job() {
    }

    /** Completes on the session's worker thread; long work belongs into an {@code Async} stage with its own executor. */
    public CompletableFuture<Result> future() {
        return future;
    }

    /** Ends a waiting request at once and a running one within one step; the session stays usable. Without effect when done. */
    public void cancel() {
        cancelled = true;
    }

    public boolean isCancelled() {
        return cancelled;
    }

    public boolean isDone() {
        return future.isDone();
    }

    /** The latest finished step; its preview can be rendered in the request's listener only. */
    public Optional<Progress> progress() {
        return Optional.ofNullable(progress);
    }

    void progress(Progress latest) {
        progress = latest;
    }
}
