package org.daguerre.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.daguerre.tensor.Tensor;

/**
 * Who may use the engine of a session. Requests are admitted in the order of their arrival, several at a time if they suit each other. One
 * of them computes at a time; where it needs the U-Net it lets the others go on until each of them needs it too or has left, and then all
 * those passes run as one. So requests join a run, and leave it, between two steps.
 */
final class Turns {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition changed = lock.newCondition();
    private final Deque<Object> arrivals = new ArrayDeque<>();
    private final List<Pass> waiting = new ArrayList<>();
    private final int most;
    private final Consumer<List<Pass>> joined;
    private Object company;
    private int admitted;
    private int pictures;
    private volatile boolean closing;
    private boolean closed;
    private Runnable last;

    /**
     * @param most   pictures that the requests of one pass may have together; a request with more runs alone
     * @param joined runs the passes of one round
     */
    Turns(int most, Consumer<List<Pass>> joined) {
        this.most = most;
        this.joined = joined;
    }

    /**
     * Waits until the caller may compute; {@link #leave} must follow.
     *
     * @param kind requests run together if theirs are equal
     * @throws IllegalStateException if the session is closed, or the caller is a listener of a request that runs
     */
    void enter(Object kind, int count) {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("session: expected a request from outside, found one from within a running request's listener, "
                + "which would wait for itself; submit it instead");
        }
        lock.lock();
        Object ticket = new Object();
        arrivals.add(ticket);
        while (!closing && (arrivals.peek() != ticket || !suits(kind, count))) {
            changed.awaitUninterruptibly();
        }
        arrivals.remove(ticket);
        // The next in the queue may suit as well.
        changed.signalAll();
        if (closing) {
            lock.unlock();
            throw new IllegalStateException("session: expected an open one, found it closed");
        }
        company = kind;
        admitted++;
        pictures += count;
    }

    private boolean suits(Object kind, int count) {
        return admitted == 0 || pictures + count <= most && kind.equals(company);
    }

    void leave(int count) {
        admitted--;
        pictures -= count;
        changed.signalAll();
        if (closed && admitted == 0) {
            finish();
        }
        lock.unlock();
    }

    /** One pass, together with those of all who have been admitted. */
    Tensor pass(Pass pass) {
        waiting.add(pass);
        letIn();
        while (!pass.done()) {
            if (waiting.size() == admitted) {
                List<Pass> round = List.copyOf(waiting);
                waiting.clear();
                joined.accept(round);
                changed.signalAll();
            } else {
                changed.awaitUninterruptibly();
            }
        }
        return pass.output();
    }

    /** Whoever arrives queues for the lock first: a request that never has to wait must hand it over now and then. */
    private void letIn() {
        if (lock.hasQueuedThreads()) {
            lock.unlock();
            lock.lock();
        }
    }

    /** Computes something small between the turns of others. */
    <T> T between(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    boolean closing() {
        return closing;
    }

    /**
     * Refuses newcomers, and runs {@code work} when the last request has left: before this returns, except where a listener of a request
     * that runs is the caller. Later calls only wait.
     */
    void close(Runnable work) {
        boolean within = lock.isHeldByCurrentThread();
        // Seen by the requests that run, which hold the lock until they end or wait for each other.
        closing = true;
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                last = work;
                changed.signalAll();
            }
            while (admitted > 0 && !within) {
                changed.awaitUninterruptibly();
            }
            if (admitted == 0) {
                finish();
            }
        } finally {
            lock.unlock();
        }
    }

    private void finish() {
        if (last != null) {
            Runnable work = last;
            last = null;
            work.run();
        }
    }
}
