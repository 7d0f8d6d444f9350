package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.image.Image;
import org.daguerre.image.ImageFiles;
import org.daguerre.image.Masks;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daguerre inpaint IMAGE MASK PROMPT}. */
@CommandLine.Command(name = "inpaint", sortOptions = false, abbreviateSynopsis = true,
    description = "Repaint part of a picture, with inpainting models or any other.")
final class InpaintCommand extends GenerateCommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "Start picture.")
    Path image;

    @Parameters(index = "1", paramLabel = "MASK", description = "White is repainted, black is kept.")
    Path mask;

    @Parameters(index = "2", arity = "0..1", paramLabel = "PROMPT", description = "What the whole picture shall show.")
    Optional<String> prompt;

    @Option(names = "--strength", paramLabel = "X",
        description = "0 keeps the start picture, 1 ignores what is under the mask; default: 0.75.")
    Optional<Double> strength;

    @Option(names = "--only-masked", paramLabel = "N",
        description = "Enlarge the masked part, with N pixels around it, to the full size, repaint it, and put it "
            + "back.")
    Optional<Integer> onlyMasked;

    @Option(names = "--invert-mask", description = "Repaint what is black.")
    boolean invert;

    InpaintCommand(Console console) {
        super(console);
    }

    @Override
    Optional<String> prompt() {
        return prompt;
    }

    @Override
    void complete(Request.Builder b) throws IOException {
        b.image(ImageFiles.read(image));
        Image where = ImageFiles.readMask(mask);
        b.mask(invert ? Masks.invert(where) : where);
        Checks.set("--strength", strength, b::strength);
        Checks.set("--only-masked", onlyMasked, b::onlyMasked);
    }
}
