package org.daguerre.generate;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.SessionOptions;
import org.daguerre.Size;
import org.daguerre.backend.Engines;
import org.daguerre.image.Fit;
import org.daguerre.image.Image;
import org.daguerre.image.ResampleFilter;
import org.daguerre.image.Resize;
import org.daguerre.model.Model;
import org.daguerre.model.PromptSettings;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.text.Emphasis;
import org.daguerre.text.PromptChunks;
import org.daguerre.vae.Autoencoder;
import org.daguerre.weights.ModelSource;

/**
 * One engine with one model (and perhaps a refiner). The engine and the model belong to one request at a time; requests of equal size and
 * adapters may share the passes of the U-Net.
 */
public final class Session implements AutoCloseable {
    private static final int ON_A_GPU = 4;

    private final Backend backend;
    private final String engine;
    private final Ops ops;
    private final Model model;
    private final UNetRunner runner;
    private final Optional<Model> refiner;
    private final Optional<UNetRunner> refinerRunner;
    private final AdapterState adapters;
    private final Controls controls;
    private final DepthEstimates depth;
    private final LatentPreviews previews;
    private final Conditions conditions = new Conditions();
    private final JoinedPasses joined;
    private final int picturesPerPass;
    private final Turns turns;

    /** What requests that run together have in common. */
    private record Company(Size size, AdapterState.Key adapters) {
    }

    private Session(ModelSource source, SessionOptions options, Engines.Choice choice) {
        backend = choice.backend();
        engine = choice.reason();
        ops = Ops.on(backend);
        model = load(source, options, Autoencoders.open(options.vae(), backend));
        runner = runner(model);
        refiner = options.refiner().map(path -> load(source(path, options), options, null));
        refinerRunner = refiner.map(this::runner);
        adapters = new AdapterState(model, runner);
        depth = new DepthEstimates(backend, model, options.depthModel());
        controls = new Controls(backend);
        previews = new LatentPreviews(model, options.previewVae(), backend);
        joined = new JoinedPasses(ops);
        picturesPerPass = picturesPerPass(options, backend);
        turns = new Turns(picturesPerPass, joined::run);
    }

    /** Weights that come and go suit one request at a time; processors gain little from larger passes. */
    private static int picturesPerPass(SessionOptions options, Backend backend) {
        int unset = backend.canRecord() ? ON_A_GPU : 1;
        return options.lowMemory() ? 1 : options.picturesPerPass() > 0 ? options.picturesPerPass() : unset;
    }

    private static ModelSource source(Path path, SessionOptions options) {
        return options.config().isPresent() ? ModelSource.open(path, options.config().get()) : ModelSource.open(path);
    }

    private Model load(ModelSource source, SessionOptions options, Autoencoder autoencoder) {
        return Model.load(source, backend, autoencoder, options.prediction(), options.vaeTiling() || options.lowMemory(),
            options.lowMemory());
    }

    /** Recordings know where weights lie, so they go with them. */
    private UNetRunner runner(Model m) {
        UNetRunner made = new UNetRunner(m.unet(), ops);
        m.unetMemory().whenReleased(made::forget);
        return made;
    }

    public static Session open(SessionOptions options, Engines.Choice choice) {
        return open(source(options.model().orElseGet(BuiltinModel::folder), options), options, choice);
    }

    /** With a model that is not a file; the session closes it. {@code options} say everything else. */
    public static Session open(ModelSource source, SessionOptions options, Engines.Choice choice) {
        return new Session(source, options, choice);
    }

    public String engine() {
        return engine;
    }

    /** Pictures that requests may have together in one pass. */
    public int picturesPerPass() {
        return picturesPerPass;
    }

    public String family() {
        return model.family().name();
    }

    public Size defaultSize() {
        return new Size(model.defaultSize(), model.defaultSize());
    }

    /** How a prompt is cut into tokens and chunks; with the words of the latest request's textual inversions. */
    public String tokens(String prompt, Emphasis emphasis) {
        return turns.between(() -> {
            PromptSettings settings = new PromptSettings(emphasis, 0, PromptChunks.BACKTRACK);
            return model.text().encoders().stream().filter(Objects::nonNull).findFirst().orElseThrow().report(prompt, settings).describe();
        });
    }

    /** Runs one request; waits for its turn. */
    public Result generate(Request request) {
        return generate(request, () -> { });
    }

    /** @param begins told when the wait is over; what it throws ends the request */
    public Result generate(Request request, Runnable begins) {
        Size size = size(request);
        AdapterState.Key key = AdapterState.key(request.adapters());
        // ControlNets add to single rows what only their request knows: such a request runs by itself.
        turns.enter(request.controls().isEmpty() ? new Company(size, key) : new Object(), request.batch());
        try {
            begins.run();
            return OnlyMasked.run(request, defaultSize(), whole -> runWhole(whole, key));
        } finally {
            turns.leave(request.batch());
        }
    }

    private Result runWhole(Request request, AdapterState.Key key) {
        Size size = size(request);
        Request fitted = fit(request, size);
        AdapterState.InForce inForce = adapters.apply(request.adapters(), key);
        Stage base = new Stage(model, runner, ops, inForce.hyper());
        // Adapters are made for one family, so the refiner keeps its own weights.
        Optional<Stage> second = refiner.map(m -> new Stage(m, refinerRunner.get(), ops, null));
        Generation.Extras extras = new Generation.Extras(inForce.key(), run -> controls.of(run, fitted, size),
            run -> depth.latentDepth(run, fitted, size), turns::closing, turns::pass,
            previews);
        try {
            return new Generation(base, second, conditions, fitted, size).run(extras);
        } finally {
            controls.trim();
        }
    }

    /** The size asked for, else the start picture's (rounded down to what the autoencoder can do), else the model's. */
    private Size size(Request request) {
        int factor = Math.max(8, model.autoencoder().factor());
        Size size = request.size().orElseGet(() -> request.image()
            .map(i -> new Size(Math.max(factor, i.width() / factor * factor), Math.max(factor, i.height() / factor * factor)))
            .orElse(defaultSize()));
        if (size.width() % factor != 0 || size.height() % factor != 0) {
            throw new IllegalArgumentException("size: expected multiples of " + factor + ", found " + size + "; nearest: "
                + nearest(size.width(), factor) + "x" + nearest(size.height(), factor));
        }
        return size;
    }

    private static int nearest(int side, int factor) {
        return Math.max(factor, (side + factor / 2) / factor * factor);
    }

    /** The request with its pictures in the run's size. */
    private static Request fit(Request request, Size size) {
        Request.Builder b = request.toBuilder();
        request.image().ifPresent(i -> b.image(resized(i.toRgb(), size, ResampleFilter.LANCZOS)));
        request.mask().ifPresent(m -> b.mask(resized(m.toGrey(), size, ResampleFilter.BILINEAR)));
        return b.build();
    }

    private static Image resized(Image image, Size size, ResampleFilter filter) {
        return image.width() == size.width() && image.height() == size.height() ? image
            : Resize.fit(image, size.width(), size.height(), Fit.CROP, filter);
    }

    /** Requests that run are cancelled after their current step. */
    @Override
    public void close() {
        turns.close(this::free);
    }

    private void free() {
        joined.close();
        adapters.close();
        controls.close();
        depth.close();
        previews.close();
        runner.close();
        refinerRunner.ifPresent(UNetRunner::close);
        model.close();
        refiner.ifPresent(Model::close);
        ops.close();
        backend.close();
    }
}
