package org.daguerre;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request on its way: waiting in the session's queue, running, or done. Thread-safe.
 *
 * <p>The future completes with the result, or exceptionally: {@link java.util.concurrent.CancellationException} after {@link #cancel} or
 * the session's end, otherwise what {@link Daguerre#generate} would have thrown.
 */
public final class Job {
    private final CompletableFuture<Result> future = new CompletableFuture<>();
    private final AtomicBoolean waiting = new AtomicBoolean(true);
    private volatile boolean cancelled;
    private volatile Progress progress;

    Job() {
    }

    /**
     * Completes on a worker thread of the session (a cancelled job that waited: on the canceller's); long work belongs into an {@code Async}
     * stage with its own executor.
     */
    public CompletableFuture<Result> future() {
        return future;
    }

    /** Ends a waiting request at once and a running one within one step; the session stays usable. Without effect when done. */
    public void cancel() {
        cancelled = true;
        if (waiting.getAndSet(false)) {
            future.completeExceptionally(new CancellationException("cancelled while waiting"));
        }
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

    /** @throws CancellationException if it was cancelled while it waited */
    void begin() {
        if (!waiting.getAndSet(false)) {
            throw new CancellationException("cancelled while waiting");
        }
    }

    void progress(Progress latest) {
        progress = latest;
    }

    void finish(Result result) {
        future.complete(result);
    }

    void fail(Throwable e) {
        waiting.set(false);
        future.completeExceptionally(e);
    }
}
