package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.daguerre.Daguerre;
import org.daguerre.Upscaler;
import org.daguerre.image.Image;
import org.daguerre.image.ImageFiles;
import org.daguerre.image.PngText;
import org.daguerre.image.PngWriter;
import org.daguerre.upscale.TiledUpscaler;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daguerre upscale IMAGE --upscaler FILE}. */
@CommandLine.Command(name = "upscale", sortOptions = false, abbreviateSynopsis = true,
    description = "Enlarge a picture with a network of the ESRGAN family.")
final class UpscaleCommand extends Command {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "Picture to enlarge.")
    Path image;

    @Option(names = {"-u", "--upscaler"}, required = true, paramLabel = "FILE",
        description = "ESRGAN, Real-ESRGAN or BSRGAN as .safetensors or .pth.")
    Path upscaler;

    @Option(names = "--tile", paramLabel = "N",
        description = "Side of the tiles in pixels of the picture; smaller needs less memory; "
        + "default: 192.")
    Optional<Integer> tile;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE|DIR",
        description = "PNG file or folder; default: IMAGE-SCALEx.png.")
    Optional<String> output;

    @Option(names = "--progress", description = "Show progress even if standard error is not a terminal.")
    boolean progress;

    @Mixin
    EngineOptions engine = new EngineOptions();

    UpscaleCommand(Console console) {
        super(console);
    }

    @Override
    void execute() throws IOException {
        int side = tile.orElse(TiledUpscaler.TILE);
        if (side <= TiledUpscaler.OVERLAP || side > ImageFiles.MAX_SIDE) {
            throw new IllegalArgumentException("--tile: expected " + (TiledUpscaler.OVERLAP + 1) + ".."
                + ImageFiles.MAX_SIDE + ", found "
                + side);
        }
        Image small = ImageFiles.read(image);
        Outputs.upscaled(output, image, 1); // refuses before the work what it would refuse after it
        Daguerre.Builder options = Daguerre.builder();
        engine.apply(options);
        try (Upscaler network = Upscaler.open(upscaler, options, side)) {
            note(network.engine());
            Path target = Outputs.upscaled(output, image, network.scale());
            PngWriter.write(target, large(network, small), texts());
            print(target + "  " + network.scale() * small.width() + "x" + network.scale() * small.height());
        }
    }

    private Image large(Upscaler network, Image small) {
        boolean bar = !standard.quiet && (console().errTerminal() || progress);
        try (ProgressDisplay display = new ProgressDisplay(console(), "Upscaling", bar, Optional.empty())) {
            return network.upscale(small, display::test);
        }
    }

    /** What the picture said about itself stays true of the larger one. */
    private Map<String, String> texts() throws IOException {
        if (!Outputs.isPng(image)) {
            return Map.of();
        }
        String parameters = PngText.read(image).get(PngWriter.PARAMETERS);
        return parameters == null ? Map.of() : Map.of(PngWriter.PARAMETERS, parameters);
    }
}
