package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.image.ImageFiles;
import org.daguerre.tensor.HostTensor;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daguerre depth2img IMAGE PROMPT}. */
@CommandLine.Command(name = "depth2img", sortOptions = false, abbreviateSynopsis = true,
    description = "Image to image that keeps the depth of the scene, with a depth model.")
final class Depth2ImgCommand extends GenerateCommand {
    private static final String TENSOR = "depth_map";

    @Parameters(index = "0", paramLabel = "IMAGE", description = "Start picture.")
    Path image;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PROMPT", description = "What it shall become.")
    Optional<String> prompt;

    @Option(names = "--strength", paramLabel = "X",
        description = "0 keeps the start picture, 1 ignores all but its depth; default: 0.75.")
    Optional<Double> strength;

    @Option(names = "--depth-map", paramLabel = "FILE",
        description = "Depth of the picture, near is bright: a PNG, or safetensors with depth_map; default: "
            + "--depth-model estimates it.")
    Optional<Path> depthMap;

    Depth2ImgCommand(Console console) {
        super(console);
    }

    @Override
    Optional<String> prompt() {
        return prompt;
    }

    private boolean tensors() {
        return depthMap.map(f -> f.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors")).orElse(false);
    }

    @Override
    void complete(Request.Builder b) throws IOException {
        b.image(ImageFiles.read(image));
        Checks.set("--strength", strength, b::strength);
        if (depthMap.isPresent() && !tensors()) {
            b.depthMap(ImageFiles.readGrey(depthMap.get()));
        }
    }

    @Override
    Optional<HostTensor> givenDepth() {
        if (!tensors()) {
            return Optional.empty();
        }
        try (Checkpoint file = Checkpoints.open(depthMap.get())) {
            return Optional.of(file.tensor(TENSOR));
        }
    }
}
