package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** One command line, run within this process. */
record CommandLineRun(int code, String out, String err) {

    static CommandLineRun of(String... args) {
        return cancelled(() -> false, args);
    }

    static CommandLineRun of(List<String> args) {
        return of(args.toArray(String[]::new));
    }

    static CommandLineRun cancelled(BooleanSupplier cancelled, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(args, new Console(print(out), print(err), false, false, cancelled));
        return new CommandLineRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream print(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }

    /** Demands success. */
    static CommandLineRun ok(String... args) {
        CommandLineRun run = of(args);
        assertEquals(0, run.code, Arrays.toString(args) + "\n" + run.err);
        return run;
    }

    /** Names and sizes of everything below a folder. */
    static List<String> contents(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(p -> folder.relativize(p) + " " + (Files.isDirectory(p) ? 0 : p.toFile().length())).sorted()
                .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
