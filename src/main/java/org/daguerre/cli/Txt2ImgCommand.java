package org.daguerre.cli;

import java.util.Optional;
import org.daguerre.Request;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code daguerre txt2img PROMPT}. */
@CommandLine.Command(name = "txt2img", sortOptions = false, abbreviateSynopsis = true, description = "Text to image.")
final class Txt2ImgCommand extends GenerateCommand {
    @Parameters(index = "0", arity = "0..1", paramLabel = "PROMPT",
        description = "What the picture shall show; takes A1111's syntax for weights, editing, BREAK and AND.")
    Optional<String> prompt;

    Txt2ImgCommand(Console console) {
        super(console);
    }

    @Override
    Optional<String> prompt() {
        return prompt;
    }

    @Override
    void complete(Request.Builder b) {
        // nothing but the prompt
    }
}
