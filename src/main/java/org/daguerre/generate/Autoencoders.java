package org.daguerre.generate;

import java.nio.file.Path;
import java.util.Optional;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.vae.Autoencoder;
import org.daguerre.vae.KlAutoencoder;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.ModelSource;
import org.daguerre.weights.Weights;

/** Opens a replacement for a model's autoencoder. */
final class Autoencoders {
    private Autoencoders() {
    }

    /** Null if the model's own is to be used. */
    static Autoencoder open(Optional<Path> path, Backend backend) {
        if (path.isEmpty()) {
            return null;
        }
        try (ModelSource source = ModelSource.open(path.get()); Checkpoint file = source.weights("vae")) {
            VaeConfig config = VaeConfig.of(source.config("vae"));
            DType type = backend.preferredType() == DType.F16 && config.forceUpcast() ? DType.BF16 : backend.preferredType();
            return KlAutoencoder.load(Ops.on(backend, type), Weights.of(file), config);
        }
    }
}
