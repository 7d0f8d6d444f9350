package org.daguerre.generate;

import java.nio.file.Files;
import java.nio.file.Path;
import org.daguerre.Control;
import org.daguerre.Request;
import org.daguerre.Size;
import org.daguerre.control.ControlNet;
import org.daguerre.control.ControlSet;
import org.daguerre.image.Fit;
import org.daguerre.image.Image;
import org.daguerre.image.Images;
import org.daguerre.image.ResampleFilter;
import org.daguerre.image.Resize;
import org.daguerre.image.ValueRange;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.ComponentDirectory;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;

/** The ControlNets of a session: opened when first asked for, the latest few kept. */
final class Controls implements AutoCloseable {
    private static final int REMEMBERED = 3;

    private final Backend backend;
    private final FileCache<ControlNet> nets = new FileCache<>(REMEMBERED);

    Controls(Backend backend) {
        this.backend = backend;
    }

    /** The branch of a run, or null without ControlNets. */
    ControlBranch of(Ops run, Request request, Size size) {
        if (request.controls().isEmpty()) {
            return null;
        }
        ControlSet set = new ControlSet(run);
        for (Control c : request.controls()) {
            ControlNet net = nets.get(c.model(), this::open);
            try (Ops ops = run.child()) {
                float[] pixels = Images.toNhwc(resized(c.image().toRgb(), size), ValueRange.UNIT);
                set.add(net, ops.cast(ops.upload(pixels, 1, size.height(), size.width(), 3), ops.type()), use(c));
            }
        }
        return set::residuals;
    }

    private static ControlSet.Use use(Control c) {
        return new ControlSet.Use(c.scale(), c.start(), c.end(), c.mode() != Control.Mode.BALANCED, c.mode() == Control.Mode.CONTROL);
    }

    private static Image resized(Image image, Size size) {
        return image.width() == size.width() && image.height() == size.height() ? image
            : Resize.fit(image, size.width(), size.height(), Fit.CROP, ResampleFilter.LANCZOS);
    }

    private ControlNet open(Path path) {
        if (Files.isDirectory(path)) {
            ComponentDirectory folder = ComponentDirectory.open(path);
            try (Checkpoint file = folder.weights()) {
                return load(file, folder.config());
            }
        }
        try (SingleFile source = SingleFile.open(path)) {
            if (!source.has("controlnet")) {
                throw CheckpointException.of(path, "a ControlNet", source.recognition().kind().title());
            }
            try (Checkpoint file = source.weights("controlnet")) {
                return load(file, source.config("controlnet"));
            }
        }
    }

    private ControlNet load(Checkpoint file, JsonConfig config) {
        Weights weights = Weights.of(file);
        ControlNet net = ControlNet.load(Ops.on(backend), weights, config);
        if (!weights.unused().isEmpty()) {
            String first = weights.unused().iterator().next();
            net.close();
            throw CheckpointException.of(file.source(), "only tensors of a ControlNet", "also " + first);
        }
        return net;
    }

    /** Forgets nets that no running request uses. */
    void trim() {
        nets.trim();
    }

    @Override
    public void close() {
        nets.close();
    }
}
