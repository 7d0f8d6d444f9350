package org.daguerre.cli;

import picocli.AutoComplete;
import picocli.CommandLine;

/** {@code daguerre completion}. */
@CommandLine.Command(name = "completion", sortOptions = false,
    description = "Print a script that completes commands and options in bash and zsh: source <(daguerre completion)")
final class CompletionCommand extends Command {
    CompletionCommand(Console console) {
        super(console);
    }

    @Override
    void execute() {
        print(AutoComplete.bash("daguerre", Commands.all(console())));
    }
}
