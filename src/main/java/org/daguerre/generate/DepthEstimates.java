package org.daguerre.generate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.Size;
import org.daguerre.depth.DepthEstimator;
import org.daguerre.image.Image;
import org.daguerre.model.Model;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.ComponentDirectory;
import org.daguerre.weights.ModelSource;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;

/** Depth for depth-to-image models: given by the caller, or estimated from the start picture. */
final class DepthEstimates implements AutoCloseable {
    private final Backend backend;
    private final Model model;
    private final Optional<Path> path;
    private DepthEstimator estimator;

    DepthEstimates(Backend backend, Model model, Optional<Path> path) {
        this.backend = backend;
        this.model = model;
        this.path = path;
    }

    /** [1, h, w, 1] F32 in -1..1, nearest 1, in the size of the latents (as diffusers' depth-to-image prepares it). */
    Tensor latentDepth(Ops ops, Request request, Size size) {
        int factor = model.autoencoder().factor();
        Image small = DepthEstimator.forLatents(depth(request), size.width() / factor, size.height() / factor);
        return ops.upload(small.planes(), 1, small.height(), small.width(), 1);
    }

    private Image depth(Request request) {
        if (request.given().depth().isPresent()) {
            HostTensor d = request.given().depth().get();
            return Image.of(1, d.shape().dim(-2), d.shape().dim(-1), d.toFloats());
        }
        if (request.depthMap().isPresent()) {
            return request.depthMap().get().toGrey();
        }
        return estimator().estimate(request.image().orElseThrow());
    }

    /** Opened when first needed: the model given by the user, or the one that comes with the diffusion model. */
    private DepthEstimator estimator() {
        if (estimator == null) {
            estimator = path.isPresent() ? open(path.get()) : fromModel();
        }
        return estimator;
    }

    private DepthEstimator fromModel() {
        ModelSource source = model.source();
        if (!source.has("depth_estimator")) {
            throw new IllegalArgumentException("depth: expected a depth map, or a depth model (--depth-model), found neither; "
                + source.path() + " has no depth estimator");
        }
        try (Checkpoint file = source.weights("depth_estimator")) {
            return DepthEstimator.load(Ops.on(backend), Weights.of(file), source.config("depth_estimator"));
        }
    }

    private DepthEstimator open(Path from) {
        if (Files.isDirectory(from)) {
            ComponentDirectory folder = ComponentDirectory.open(from);
            try (Checkpoint file = folder.weights()) {
                return DepthEstimator.load(Ops.on(backend), Weights.of(file), folder.config());
            }
        }
        try (SingleFile source = SingleFile.open(from)) {
            if (!source.has("depth_estimator")) {
                throw CheckpointException.of(from, "a depth estimator (MiDaS DPT-Hybrid)", source.recognition().kind().title());
            }
            try (Checkpoint file = source.weights("depth_estimator")) {
                return DepthEstimator.load(Ops.on(backend), Weights.of(file), source.config("depth_estimator"));
            }
        }
    }

    @Override
    public void close() {
        if (estimator != null) {
            estimator.close();
        }
    }
}
