package org.daguerre.generate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.vae.Autoencoder;
import org.daguerre.vae.KlAutoencoder;
import org.daguerre.vae.TinyAutoencoder;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.CheckpointKind;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.ComponentDirectory;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.ModelSource;
import org.daguerre.weights.Recognition;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;

/** Opens a replacement for a model's autoencoder: a model's, an autoencoder's folder or file, or TAESD (either of its two original halves). */
final class Autoencoders {
    private Autoencoders() {
    }

    /** Null if the model's own is to be used. */
    static Autoencoder open(Optional<Path> path, Backend backend) {
        return path.map(p -> open(p, backend)).orElse(null);
    }

    static Autoencoder open(Path path, Backend backend) {
        if (Files.isDirectory(path) && !ModelDirectory.isModel(path)) {
            ComponentDirectory folder = ComponentDirectory.open(path);
            try (Checkpoint file = folder.weights()) {
                if (folder.config().getString("_class_name", "").equals("AutoencoderTiny")) {
                    return TinyAutoencoder.load(Ops.on(backend), Weights.of(file));
                }
                return kl(backend, file, VaeConfig.of(folder.config()));
            }
        }
        if (!Files.isDirectory(path) && isTiny(path)) {
            try (Checkpoint file = org.daguerre.weights.TinyAutoencoder.open(path)) {
                return TinyAutoencoder.load(Ops.on(backend), Weights.of(file));
            }
        }
        try (ModelSource source = ModelSource.open(path)) {
            if (!source.has("vae")) {
                throw CheckpointException.of(path, "an autoencoder", source instanceof SingleFile f ? f.recognition().kind().title()
                    : "only " + source.components());
            }
            try (Checkpoint file = source.weights("vae")) {
                return kl(backend, file, VaeConfig.of(source.config("vae")));
            }
        }
    }

    private static boolean isTiny(Path path) {
        try (Checkpoint file = Checkpoints.open(path)) {
            return Recognition.of(file).kind() == CheckpointKind.TINY_VAE;
        }
    }

    private static Autoencoder kl(Backend backend, Checkpoint file, VaeConfig config) {
        DType type = backend.preferredType() == DType.F16 && config.forceUpcast() ? DType.BF16 : backend.preferredType();
        return KlAutoencoder.load(Ops.on(backend, type), Weights.of(file), config);
    }
}
