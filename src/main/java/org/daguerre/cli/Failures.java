package org.daguerre.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a failure means for the user: an exit code and one line. */
final class Failures {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int INTERRUPTED = 130;

    private Failures() {
    }

    static int code(Throwable e) {
        if (e instanceof ParameterException || e instanceof IllegalArgumentException) {
            return USAGE;
        }
        return e instanceof CancellationException ? INTERRUPTED : FAILED;
    }

    /** Prints {@code COMMAND: message}, and the stack trace if {@code verbose}. */
    static int report(PrintStream err, String command, Throwable e, boolean verbose) {
        int code = code(e);
        String hint = code == USAGE ? " (see " + command + " --help)" : "";
        err.println(command + ": " + message(e) + hint);
        if (verbose) {
            e.printStackTrace(err);
        }
        err.flush();
        return code;
    }

    /** One line. */
    static String message(Throwable e) {
        return text(e).replace("Error: Missing", "missing").lines().map(String::strip).filter(line -> !line.isEmpty())
            .collect(Collectors.joining("; "));
    }

    private static String text(Throwable e) {
        if (e instanceof CancellationException) {
            return "interrupted";
        }
        if (e instanceof OutOfMemoryError) {
            return "out of memory: " + e.getMessage()
                + " (a smaller size or batch needs less; JAVA_TOOL_OPTIONS=-Xmx8g raises the heap)";
        }
        if (e instanceof UnmatchedArgumentException u && u.isUnknownOption() && !u.getSuggestions().isEmpty()) {
            return e.getMessage() + "; did you mean " + String.join(" or ", u.getSuggestions()) + "?";
        }
        if (e instanceof UncheckedIOException && e.getCause() != null && e.getMessage()
            .equals(e.getCause().toString())) {
            return text(e.getCause());
        }
        if (e instanceof FileSystemException f) {
            return file(f);
        }
        boolean plain = e.getMessage() != null && !e.getMessage().isBlank()
            && (e instanceof RuntimeException || e instanceof IOException);
        return plain ? e.getMessage() : e.toString();
    }

    private static String file(FileSystemException f) {
        if (f instanceof NoSuchFileException) {
            return f.getFile() + ": no such file";
        }
        if (f instanceof AccessDeniedException) {
            return f.getFile() + ": access denied";
        }
        return f.getMessage();
    }
}
