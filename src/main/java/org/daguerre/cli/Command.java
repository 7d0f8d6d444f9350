package org.daguerre.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** One command. Failures are thrown; {@link Failures} reports them. */
abstract class Command implements Callable<Integer> {
    private final Console console;

    @Spec
    CommandSpec spec;

    @Mixin
    StandardOptions standard = new StandardOptions();

    Command(Console console) {
        this.console = console;
    }

    /** Does the work. */
    abstract void execute() throws Exception;

    @Override
    public final Integer call() throws Exception {
        execute();
        console.out().flush();
        return Failures.OK;
    }

    final Console console() {
        return console;
    }

    final void print(String line) {
        console.out().println(line);
    }

    /** Tells people, not programs. */
    final void note(String line) {
        if (!standard.quiet) {
            console.err().println(line);
        }
    }
}
