package org.daguerre.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ends the process cleanly on SIGINT and SIGTERM: the JVM's shutdown waits until the command has seen the wish,
 * finished its step or the file it writes, and closed the engine. A command that does not come to that point within
 * {@link #PATIENCE_SECONDS} is left behind.
 */
final class Interrupt implements BooleanSupplier {
    private static final int PATIENCE_SECONDS = 20;
    private static final int EXIT_CODE = 130;

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean wanted;

    static Interrupt install() {
        Interrupt interrupt = new Interrupt();
        Runtime.getRuntime().addShutdownHook(new Thread(interrupt::shutDown, "interrupt"));
        return interrupt;
    }

    private void shutDown() {
        if (done.getCount() == 0) {
            return; // an ordinary exit
        }
        wanted = true;
        try {
            done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Not exit: native worker threads may still run, and static destructors must not pull the ground from under
        // them.
        Runtime.getRuntime().halt(EXIT_CODE);
    }

    @Override
    public boolean getAsBoolean() {
        return wanted;
    }

    /** The command has ended; the process may. */
    void commandEnded() {
        done.countDown();
    }
}
