package org.daguerre.cli;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Where a command reads its surroundings and writes to.
 *
 * @param out         results
 * @param err         everything that is not a result
 * @param outTerminal whether a person reads {@code out}
 * @param errTerminal whether a person reads {@code err}
 * @param cancelled   whether the user wants the command to end
 */
record Console(PrintStream out, PrintStream err, boolean outTerminal, boolean errTerminal, BooleanSupplier cancelled) {
    /** Columns that everything fits into. */
    static final int WIDTH = 80;

    /** Streams that no person watches. */
    static Console piped(PrintStream out, PrintStream err) {
        return new Console(out, err, false, false, () -> false);
    }

    /**
     * The process's own streams. The launcher says which of them are terminals; without it both are if the JVM has a
     * console.
     */
    static Console system(BooleanSupplier cancelled) {
        boolean console = System.console() != null;
        return new Console(System.out, System.err, flag("daguerre.terminal.out", console),
            flag("daguerre.terminal.err", console),
            cancelled);
    }

    private static boolean flag(String property, boolean missing) {
        String value = System.getProperty(property);
        return value == null ? missing : value.equals("true");
    }

    /** Whether block characters survive. */
    static boolean unicode() {
        return Charset.defaultCharset().equals(StandardCharsets.UTF_8);
    }
}
