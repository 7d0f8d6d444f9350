package org.daguerre.cli;

import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.Size;
import picocli.CommandLine.Option;

/** What SDXL wants to know besides the prompt. */
final class SdxlOptions {
    @Option(names = "--original-size", paramLabel = "WxH",
        description = "Size that the training picture is said to have had; default: the picture's.")
    Optional<Size> originalSize;

    @Option(names = "--target-size", paramLabel = "WxH",
        description = "Size that it was brought to; default: the picture's.")
    Optional<Size> targetSize;

    @Option(names = "--crop", paramLabel = "X,Y", description = "Where it was cut; default: 0,0.")
    Optional<String> crop;

    @Option(names = "--aesthetic", paramLabel = "X", description = "Score for the refiner; default: 6.")
    Optional<Double> aesthetic;

    @Option(names = "--aesthetic-negative", paramLabel = "X",
        description = "Score of the negative prompt; default: 2.5.")
    Optional<Double> aestheticNegative;

    @Option(names = "--refiner-at", paramLabel = "X",
        description = "Fraction of the schedule where --refiner takes over; default: 0.8.")
    Optional<Double> refinerAt;

    void apply(Request.Builder b) {
        originalSize.ifPresent(s -> b.originalSize(s.width(), s.height()));
        targetSize.ifPresent(s -> b.targetSize(s.width(), s.height()));
        Checks.set("--crop", crop, text -> applyCrop(b, text));
        if (aesthetic.isPresent() || aestheticNegative.isPresent()) {
            Checks.check("--aesthetic", () -> b.aesthetic(aesthetic.orElse(6.0), aestheticNegative.orElse(2.5)));
        }
        Checks.set("--refiner-at", refinerAt, b::refinerAt);
    }

    private static void applyCrop(Request.Builder b, String text) {
        String[] parts = text.split("[,x]", -1);
        try {
            if (parts.length == 2) {
                b.crop(Integer.parseInt(parts[0].trim()), Integer.parseInt(parts[1].trim()));
                return;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException("expected X,Y such as 0,64, found " + text);
    }
}
