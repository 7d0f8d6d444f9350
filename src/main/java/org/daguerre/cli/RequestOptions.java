package org.daguerre.cli;

import java.io.IOException;
import java.util.Optional;
import org.daguerre.Request;
import picocli.CommandLine.Mixin;

/** Everything about a request that all generating commands share. */
final class RequestOptions {
    @Mixin
    PromptOptions prompt = new PromptOptions();

    @Mixin
    PictureOptions picture = new PictureOptions();

    @Mixin
    SamplingOptions sampling = new SamplingOptions();

    @Mixin
    SdxlOptions sdxl = new SdxlOptions();

    @Mixin
    AdapterOptions adapters = new AdapterOptions();

    @Mixin
    ControlOptions control = new ControlOptions();

    /**
     * @param positional the prompt as an argument
     * @throws IllegalArgumentException if a value is refused; the message names the option
     */
    Request.Builder builder(Optional<String> positional) throws IOException {
        String text = text(positional);
        Checks.check("PROMPT", () -> Request.builder(text));
        Request.Builder b = Request.builder(text);
        adapters.apply(b, text);
        prompt.apply(b);
        picture.apply(b);
        sampling.apply(b);
        sdxl.apply(b);
        control.apply(b);
        return b;
    }

    /** The prompt as it was given, tags included. */
    String text(Optional<String> positional) {
        return positional.or(() -> prompt.prompt)
            .orElseThrow(() -> new IllegalArgumentException("PROMPT: expected a text, found none"));
    }
}
