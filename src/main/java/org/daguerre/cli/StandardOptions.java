package org.daguerre.cli;

import picocli.CommandLine.Option;

/** What every command takes. */
final class StandardOptions {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help and exit.")
    boolean help;

    @Option(names = "--verbose", description = "Show stack traces of failures, and how prompts were cut into tokens.")
    boolean verbose;

    @Option(names = {"-q", "--quiet"}, description = "Say nothing but results and failures.")
    boolean quiet;
}
