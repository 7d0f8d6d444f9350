package org.daguerre.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where results go. */
final class OutputOptions {
    @Option(names = {"-o", "--output"}, paramLabel = "FILE|DIR",
        description = "PNG file or folder; %%d counts the pictures of a batch; default: daguerre-SEED.png.")
    Optional<String> output;

    @Option(names = "--preview", paramLabel = "FILE",
        description = "Keep a picture of the state here, renewed after each step.")
    Optional<Path> preview;

    @Option(names = "--json", description = "Print the results as JSON.")
    boolean json;

    @Option(names = "--progress", description = "Show progress even if standard error is not a terminal.")
    boolean progress;
}
