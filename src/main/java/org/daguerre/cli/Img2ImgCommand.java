package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.image.ImageFiles;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daguerre img2img IMAGE PROMPT}. */
@CommandLine.Command(name = "img2img", sortOptions = false, abbreviateSynopsis = true, description = "Image to image.")
final class Img2ImgCommand extends GenerateCommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "Start picture (PNG, JPEG, BMP or GIF).")
    Path image;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PROMPT", description = "What it shall become.")
    Optional<String> prompt;

    @Option(names = "--strength", paramLabel = "X",
        description = "0 keeps the start picture, 1 ignores it; default: 0.75.")
    Optional<Double> strength;

    Img2ImgCommand(Console console) {
        super(console);
    }

    @Override
    Optional<String> prompt() {
        return prompt;
    }

    @Override
    void complete(Request.Builder b) throws IOException {
        b.image(ImageFiles.read(image));
        Checks.set("--strength", strength, b::strength);
    }
}
