package org.daguerre.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.text.Emphasis;
import picocli.CommandLine.Option;

/** What the picture shall show. */
final class PromptOptions {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt, for one that starts with a hyphen.")
    Optional<String> prompt;

    @Option(names = {"-n", "--negative"}, paramLabel = "TEXT",
        description = "What the picture shall not show. Absent is not the same as empty for SDXL.")
    Optional<String> negative;

    @Option(names = "--from", paramLabel = "PICTURE",
        description = "Take the settings stored in this PNG; options given here win.")
    Optional<Path> from;

    @Option(names = "--clip-skip", paramLabel = "N",
        description = "Layer of the text encoder, counted from the end: 1 is the last one; default: the model's.")
    Optional<Integer> clipSkip;

    @Option(names = "--clip-skip-negative", paramLabel = "N",
        description = "The same for the negative prompt; default: as --clip-skip.")
    Optional<Integer> clipSkipNegative;

    @Option(names = "--emphasis", paramLabel = "MODE",
        description = "What (word:1.2) does: original (default), no-norm, ignore or none (brackets are text).")
    Optional<String> emphasis;

    void apply(Request.Builder b) {
        negative.ifPresent(b::negative);
        Checks.set("--clip-skip", clipSkip, b::clipSkip);
        Checks.set("--clip-skip-negative", clipSkipNegative, b::clipSkipNegative);
        emphasis.ifPresent(text -> b.emphasis(mode(text)));
    }

    private static Emphasis mode(String text) {
        String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
        return Arrays.stream(Emphasis.values()).filter(e -> e.name().equals(name)).findFirst().orElseThrow(() ->
            new IllegalArgumentException("--emphasis: expected original, no-norm, ignore or none, found " + text));
    }
}
