package org.daguerre;

import java.nio.file.Path;
import java.util.Optional;
import org.daguerre.tensor.DType;

/**
 * How a session opens its model.
 *
 * @param model       diffusers folder or single file; empty: the built-in model
 * @param config      component configurations for a single file that cannot be recognised
 * @param prediction  epsilon or v_prediction where the file does not say
 * @param vae         replaces the model's autoencoder
 * @param device      auto, cuda, cuda:N, cpu, emulated or java
 * @param precision   storage type of activations; empty: the engine's choice
 * @param threads     0: all processors this process may use
 * @param memoryLimit bytes the engine may hold, 0: no limit
 * @param refiner     second model that finishes the pictures
 * @param vaeTiling   whether the autoencoder works in tiles: less memory, slightly other pictures
 * @param depthModel  MiDaS DPT-Hybrid for depth-to-image; empty: the model's own
 * @param lowMemory   whether each network is in the engine only while it is used, and the autoencoder works in tiles; every picture then
 *                    reads the model again
 * @param picturesPerPass pictures that several requests may have together in one pass of the U-Net; 0: what suits the engine
 * @param previewVae  small autoencoder (TAESD) that decodes previews; empty: a linear map of the latents' channels
 */
public record SessionOptions(Optional<Path> model, Optional<Path> config, Optional<String> prediction, Optional<Path> vae, String device,
                             Optional<DType> precision, int threads, long memoryLimit, Optional<Path> refiner,
                             Optional<Path> depthModel, boolean vaeTiling, boolean lowMemory, int picturesPerPass,
                             Optional<Path> previewVae) {

    /** The built-in model on the best engine. */
    public static SessionOptions plain() {
        return new SessionOptions(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "auto", Optional.empty(), 0, 0,
            Optional.empty(), Optional.empty(), false, false, 0, Optional.empty());
    }

    /** The same with another number of pictures per pass. */
    public SessionOptions joining(int pictures) {
        return new SessionOptions(model, config, prediction, vae, device, precision, threads, memoryLimit, refiner, depthModel, vaeTiling,
            lowMemory, pictures, previewVae);
    }
}
