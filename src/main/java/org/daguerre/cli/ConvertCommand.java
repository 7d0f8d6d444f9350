package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.daguerre.tensor.DType;
import org.daguerre.weights.Converter;
import org.daguerre.weights.ModelSource;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daguerre convert IN OUT}. */
@CommandLine.Command(name = "convert", sortOptions = false,
    description = "Rewrite a model, LoRA, autoencoder, ... as safetensors, from any layout that is read.")
final class ConvertCommand extends Command {
    @Parameters(index = "0", paramLabel = "IN",
        description = "Diffusers folder or single file (.safetensors, .ckpt, .pt, .bin).")
    Path in;

    @Parameters(index = "1", paramLabel = "OUT",
        description = "A name that ends with .safetensors makes one file, any other a diffusers folder. Must not "
            + "exist.")
    Path out;

    @Option(names = "--type", paramLabel = "TYPE", defaultValue = "f16",
        description = "Numbers: f16 (default), bf16 or f32.")
    String type;

    @Option(names = "--config", paramLabel = "DIR",
        description = "Component configurations for a single file of sizes that are not published.")
    Optional<Path> config;

    ConvertCommand(Console console) {
        super(console);
    }

    @Override
    void execute() throws IOException {
        DType numbers = EngineOptions.type(type)
            .orElseThrow(() -> new IllegalArgumentException("--type: expected f16, bf16 or f32, found " + type));
        if (Files.exists(out)) {
            throw new IllegalArgumentException("OUT: expected a name that is free, found " + out);
        }
        Outputs.checkWritable("OUT", out);
        if (config.isPresent()) {
            try (ModelSource source = ModelSource.open(in, config.get())) {
                Converter.toSafetensors(source, out, numbers);
            }
        } else {
            Converter.toSafetensors(in, out, numbers);
        }
        print(out.toString());
    }
}
