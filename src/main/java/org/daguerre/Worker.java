package org.daguerre;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Runs submitted requests one after the other on one daemon thread, with a bounded queue. The thread starts with the first request. */
final class Worker {
    private final Function<Request, Result> generate;
    private final int capacity;
    private final ThreadPoolExecutor executor;

    Worker(Function<Request, Result> generate, int capacity) {
        this.generate = generate;
        this.capacity = capacity;
        executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(capacity), run -> {
            Thread t = new Thread(run, "daguerre-worker");
            t.setDaemon(true);
            return t;
        }, new ThreadPoolExecutor.AbortPolicy());
    }

    /** A job with what it takes to run it. */
    private record Task(Job job, Request request, Function<Request, Result> generate) implements Runnable {
        @Override
        public void run() {
            try {
                if (job.isCancelled()) {
                    throw new CancellationException("cancelled while waiting");
                }
                Request watched = request.toBuilder().onProgress(p -> {
                    job.progress(p);
                    return request.onProgress().test(p) && !job.isCancelled();
                }).build();
                job.future().complete(generate.apply(watched));
            } catch (Throwable e) {
                // Whatever went wrong belongs to whoever waits for this job; the worker goes on with the next.
                job.future().completeExceptionally(e);
            }
        }
    }

    Job submit(Request request) {
        Job job = new Job();
        try {
            executor.execute(new Task(job, request, generate));
        } catch (RejectedExecutionException e) {
            if (executor.isShutdown()) {
                throw new IllegalStateException("session: expected an open one, found it closed");
            }
            throw new QueueFullException("queue: expected fewer than " + capacity + " waiting requests, found it full");
        }
        return job;
    }

    /** Cancels what waits; what runs ends with the session. */
    void close() {
        for (Runnable waiting : executor.shutdownNow()) {
            if (waiting instanceof Task t) {
                t.job.future().completeExceptionally(new CancellationException("the session was closed"));
            }
        }
    }
}
