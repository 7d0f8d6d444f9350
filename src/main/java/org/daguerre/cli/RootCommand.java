package org.daguerre.cli;

import picocli.CommandLine;

/** {@code daguerre} alone: help. */
@CommandLine.Command(name = "daguerre", versionProvider = Version.class, synopsisSubcommandLabel = "COMMAND",
    description = {"", "Makes pictures from text with Stable Diffusion.", ""},
    commandListHeading = "%nCommands:%n",
    footer = {"", "daguerre \"PROMPT\" is short for daguerre txt2img \"PROMPT\".",
        "daguerre COMMAND --help lists the options of a command."})
final class RootCommand extends Command {
    @CommandLine.Option(names = {"-V", "--version"}, versionHelp = true, description = "Show the version and exit.")
    boolean version;

    RootCommand(Console console) {
        super(console);
    }

    @Override
    void execute() {
        spec.commandLine().usage(console().out());
    }
}
