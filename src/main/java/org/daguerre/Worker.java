package org.daguerre;

import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs submitted requests on daemon threads in the order of their arrival, with a bounded queue. Threads start with the first requests. */
final class Worker {
    private final Generator generator;
    private final int capacity;
    private final int most;
    private final AtomicInteger unfinished = new AtomicInteger();
    private final ThreadPoolExecutor executor;

    /** Makes the pictures of a request; tells when its wait for others is over, and ends if that throws. */
    @FunctionalInterface
    interface Generator {
        Result generate(Request request, Runnable begins);
    }

    /**
     * @param capacity requests that may wait besides those that may run
     * @param threads  requests that may run at once
     */
    Worker(Generator generator, int capacity, int threads) {
        this.generator = generator;
        this.capacity = capacity;
        this.most = Math.addExact(capacity, threads);
        // A thread may hold a request that still waits for its turn, so this queue is not the one that is bounded.
        executor = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), run -> {
            Thread t = new Thread(run, "daguerre-worker");
            t.setDaemon(true);
            return t;
        }, new ThreadPoolExecutor.AbortPolicy());
    }

    /** A job with what it takes to run it. */
    private final class Task implements Runnable {
        private final Job job;
        private final Request request;

        Task(Job job, Request request) {
            this.job = job;
            this.request = request;
        }

        @Override
        public void run() {
            try {
                if (job.isDone()) {
                    return;
                }
                Request watched = request.toBuilder().onProgress(p -> {
                    job.progress(p);
                    return request.onProgress().test(p) && !job.isCancelled();
                }).build();
                job.finish(generator.generate(watched, job::begin));
            } catch (Throwable e) {
                // Whatever went wrong belongs to whoever waits for this job; the worker goes on with the next.
                job.fail(e);
            }
        }
    }

    Job submit(Request request) {
        if (executor.isShutdown()) {
            throw new IllegalStateException("session: expected an open one, found it closed");
        }
        if (unfinished.incrementAndGet() > most) {
            unfinished.decrementAndGet();
            throw new QueueFullException("queue: expected fewer than " + capacity + " waiting requests, found it full");
        }
        Task task = new Task(new Job(), request);
        task.job.future().whenComplete((result, error) -> {
            unfinished.decrementAndGet();
            executor.remove(task);
        });
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("session: expected an open one, found it closed");
        }
        return task.job;
    }

    /** Cancels what waits; what runs ends with the session. */
    void close() {
        for (Runnable task : executor.shutdownNow()) {
            if (task instanceof Task t) {
                t.job.fail(new CancellationException("the session was closed"));
            }
        }
    }
}
