package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.daguerre.backend.Engines;
import org.daguerre.image.Image;
import org.daguerre.image.ImageFiles;
import org.daguerre.image.PngText;
import org.daguerre.image.PngWriter;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.upscale.Upscaler;
import org.daguerre.upscale.UpscalerNet;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daguerre upscale IMAGE --upscaler FILE}. */
@CommandLine.Command(name = "upscale", sortOptions = false, abbreviateSynopsis = true,
    description = "Enlarge a picture with a network of the ESRGAN family.")
final class UpscaleCommand extends Command {
    private static final String COMPONENT = "upscaler";

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

    @Mixin
    EngineOptions engine = new EngineOptions();

    UpscaleCommand(Console console) {
        super(console);
    }

    @Override
    void execute() throws IOException {
        int side = tile.orElse(Upscaler.TILE);
        if (side <= Upscaler.OVERLAP || side > ImageFiles.MAX_SIDE) {
            throw new IllegalArgumentException("--tile: expected " + (Upscaler.OVERLAP + 1) + ".."
                + ImageFiles.MAX_SIDE + ", found "
                + side);
        }
        Image small = ImageFiles.read(image);
        Outputs.upscaled(output, image, 1); // refuses before the work what it would refuse after it
        Engines.Choice choice = engine.open();
        try (Backend backend = choice.backend(); SingleFile file = SingleFile.open(upscaler)) {
            note(choice.reason());
            try (Ops ops = Ops.on(backend); Upscaler net = load(ops, file, side)) {
                Path target = Outputs.upscaled(output, image, net.scale());
                Image large = net.upscale(small, done -> progress());
                PngWriter.write(target, large, texts());
                print(target + "  " + large.width() + "x" + large.height());
            }
        }
    }

    private Upscaler load(Ops ops, SingleFile file, int side) {
        if (!file.has(COMPONENT)) {
            throw CheckpointException.of(upscaler, "an upscaler of the ESRGAN family",
                file.recognition().kind().title());
        }
        Weights weights = Weights.of(file.weights(COMPONENT));
        Upscaler net = new Upscaler(UpscalerNet.load(ops, weights), side, Upscaler.OVERLAP, Upscaler.MARGIN);
        Set<String> unused = weights.unused();
        if (!unused.isEmpty()) {
            net.close();
            throw CheckpointException.of(upscaler, "weights of an upscaler only", "also " + unused);
        }
        return net;
    }

    private void progress() {
        if (console().cancelled().getAsBoolean()) {
            throw new CancellationException();
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
