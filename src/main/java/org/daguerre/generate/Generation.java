package org.daguerre.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.daguerre.Progress;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.Size;
import org.daguerre.diffusion.ClassifierGuidance;
import org.daguerre.diffusion.Guidance;
import org.daguerre.diffusion.NoiseSource;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Predictor;
import org.daguerre.diffusion.Sampling;
import org.daguerre.diffusion.StepHook;
import org.daguerre.diffusion.StepListener;
import org.daguerre.diffusion.random.GivenNoise;
import org.daguerre.diffusion.random.SeededNoise;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.image.Image;
import org.daguerre.image.Images;
import org.daguerre.image.ValueRange;
import org.daguerre.model.PictureSizes;
import org.daguerre.nn.FirstNonFinite;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/**
 * One request from prompt to pictures: encode the prompts, make the first latents, let the sampler ask the guided U-Net once or twice a
 * step, decode. Used once, by one thread; it computes only while the session's engine is its own (see {@link Turns}).
 */
final class Generation {
    private final Stage base;
    private final Optional<Stage> refiner;
    private final Conditions conditions;
    private final Request request;
    private final Size size;
    private final Clock clock = new Clock();
    private final Tracing trace;
    private int stepsDone;

    /**
     * What the session adds to a run.
     *
     * @param adapters key of the adapters in force
     * @param ended    whether the session was closed meanwhile
     * @param passes   runs a U-Net pass, perhaps together with those of other requests
     * @param previews renders previews
     */
    record Extras(Object adapters, Function<Ops, ControlBranch> control, Function<Ops, Tensor> depth, BooleanSupplier ended,
                  Function<Pass, Tensor> passes, LatentPreviews previews) {
    }

    /**
     * @param size of the pictures; must suit the autoencoder
     */
    Generation(Stage base, Optional<Stage> refiner, Conditions conditions, Request request, Size size) {
        this.base = base;
        this.refiner = refiner;
        this.conditions = conditions;
        this.request = request;
        this.size = size;
        this.trace = new Tracing(request.trace());
    }

    /** @param extras adapters in force (part of the memory of prompts), ControlNets and depth of the run */
    Result run(Extras extras) {
        try (Ops ops = base.ops().child()) {
            Plan plan = plan(base);
            Tensor latents = sample(ops, plan, extras);
            List<Image> pictures = refiner.orElse(base).model().autoencoder().together(() -> decode(ops, latents));
            return new Result(finish(pictures, plan), clock.timings());
        }
    }

    private Plan plan(Stage stage) {
        Plan plan = Samplers.plan(stage.model().sampler(), forFamily(stage), request.steps());
        if (request.image().isPresent()) {
            plan = plan.fromStrength(request.strength());
        }
        if (request.denoisingStart() > 0) {
            plan = plan.from(request.denoisingStart());
        }
        double end = refiner.isPresent() && stage == base ? request.refinerAt() : request.denoisingEnd();
        return end < 1 ? plan.until(end) : plan;
    }

    /** "ays" names two published tables; which one is meant depends on the model. */
    private SamplerOptions forFamily(Stage stage) {
        SamplerOptions o = request.sampling();
        boolean table = o.schedule().map(s -> s.equalsIgnoreCase("ays") || s.equalsIgnoreCase("ays_a1111")).orElse(false);
        return table && stage.model().family().xl() ? o.withSchedule(o.schedule().get() + "_sdxl") : o;
    }

    private Tensor sample(Ops ops, Plan plan, Extras extras) {
        Conditions.Pair prompts = conditions.encode(ops, base.model(), request, extras.adapters());
        trace.prompts(base.model(), prompts);
        clock.text();
        int factor = base.model().autoencoder().factor();
        Shape shape = Shape.of(request.batch(), size.height() / factor, size.width() / factor,
            base.model().autoencoder().latentChannels());
        SeededNoise seeded = seeded();
        StartLatents latents = new StartLatents(ops, base.model().autoencoder(), request, seeded, shape);
        ExtraChannels channels = ExtraChannels.of(base.model(), request, latents, shape);
        StartLatents.Start start = latents.make(plan, request.image(), channels.blends());
        trace.latents(ops, "initial_latents", start.start());
        trace.schedule(plan);
        Tensor extra = channels.make(ops, extras.depth());
        StepHook hook = channels.blends() ? LatentBlend.of(ops, plan, request, start, shape) : StepHook.NONE;
        clock.encode();
        NoiseSource noise = noise(seeded);
        Tensor x = sampled(ops, leg(base, plan, prompts, start.start(), hook, extra, extras.control().apply(ops)), noise, extras);
        if (refiner.isPresent()) {
            Conditions.Pair second = conditions.encode(ops, refiner.get().model(), request, extras.adapters());
            Plan rest = plan(refiner.get()).from(request.refinerAt());
            x = sampled(ops, leg(refiner.get(), rest, second, x, hook, null, null), noise, extras);
        }
        trace.steps();
        return x;
    }

    private Leg leg(Stage stage, Plan plan, Conditions.Pair prompts, Tensor start, StepHook hook, Tensor extra, ControlBranch control) {
        Guidance guidance = new Guidance(request.guidanceScale(), request.guidanceRescale(), request.guidanceStart(), request.guidanceEnd());
        return new Leg(stage, plan, prompts, guidance, sizes(), start, hook, extra, control);
    }

    private NoiseSource noise(SeededNoise seeded) {
        List<HostTensor> given = request.given().steps();
        return given.isEmpty() ? seeded : new GivenNoise(given.stream().map(HostTensor::toFloats).toList());
    }

    private SeededNoise seeded() {
        return new SeededNoise(request.rng(), request.seed(), request.batch(), request.variation());
    }

    /**
     * Runs the sampler. Latents that are not finite in the end are an error, and a second run says where they stop being so. The second run
     * tells the listener about its steps again, so that it can be cancelled; draws of a stochastic sampler may differ from the first.
     */
    private Tensor sampled(Ops ops, Leg leg, NoiseSource noise, Extras extras) {
        Tensor x = sample(ops, leg, noise, extras.passes(), extras);
        int bad = ops.countNonFinite(x);
        if (bad > 0) {
            NonFinite check = new NonFinite("sampling: " + bad + " of " + x.count() + " latents are not finite numbers",
                () -> stepsDone + 1);
            sample(ops, leg, noise(seeded()), check::pass, extras);
            throw check.elsewhere();
        }
        return x;
    }

    private Tensor sample(Ops ops, Leg leg, NoiseSource noise, Function<Pass, Tensor> passes, Extras extras) {
        Stage stage = leg.stage();
        Plan plan = leg.plan();
        return stage.model().unetMemory().during(() -> ops.scoped(run -> {
            GuidedPredictor predictor = new GuidedPredictor(leg, run, passes);
            clock.beginSteps();
            stepsDone = 0;
            Predictor network = request.classifier().<Predictor>map(g -> new ClassifierGuidance(predictor, plan.config().prediction(),
                plan.levels(), g, request.classifierScale())).orElse(predictor);
            return new Sampling(plan, network, noise, leg.hook(), event -> finished(stage, event, predictor, extras))
                .run(run, leg.start());
        }));
    }

    /** After each step: times it, traces it, tells the listener, and lets it cancel. */
    private boolean finished(Stage stage, StepListener.Event event, GuidedPredictor predictor, Extras extras) {
        stepsDone = event.index() + 1;
        predictor.beginStep(event.index() + 2);
        trace.step(event);
        clock.step(stage.model().backend(), request.listens());
        if (extras.ended().getAsBoolean()) {
            return false;
        }
        if (!request.listens()) {
            return true;
        }
        return request.onProgress().test(new Progress(event.index() + 1, event.count(), event.sigma(), event.timestep(),
            clock.secondsLeft(event.count() - event.index() - 1), image -> extras.previews().render(event, image)));
    }

    private PictureSizes sizes() {
        Size original = request.originalSize().orElse(size);
        Size target = request.targetSize().orElse(size);
        return new PictureSizes(original.width(), original.height(), request.cropX(), request.cropY(), target.width(), target.height(),
            request.aesthetic(), request.aestheticNegative());
    }

    private List<Image> decode(Ops parent, Tensor latents) {
        Stage last = refiner.orElse(base);
        try (Ops ops = parent.child()) {
            List<Image> pictures = new ArrayList<>();
            // One picture at a time: decoding needs far more memory per picture than sampling, and gains nothing from a batch.
            for (int i = 0; i < latents.dim(0); i++) {
                Tensor decoded = last.model().autoencoder().decode(ops, latents.rows(i, i + 1));
                if (ops.countNonFinite(decoded) > 0) {
                    throw notFinite(ops, last, latents.rows(i, i + 1));
                }
                trace.decoded(ops, decoded);
                float[] values = ops.download(decoded);
                pictures.add(Images.fromNhwc(values, 0, 3, decoded.dim(1), decoded.dim(2), ValueRange.SIGNED));
                ops.release(decoded);
            }
            trace.allDecoded();
            clock.decode();
            return pictures;
        }
    }

    private static ArithmeticException notFinite(Ops ops, Stage stage, Tensor latents) {
        FirstNonFinite layers = new FirstNonFinite();
        stage.model().autoencoder().decode(ops, latents, layers);
        return new ArithmeticException("autoencoder: the decoded picture has values that are not finite numbers: first after the decoder's "
            + "layer " + layers.module().orElse("post_quant_conv") + NonFinite.hint(stage.model().backend().preferredType()));
    }

    private List<Result.Picture> finish(List<Image> pictures, Plan plan) {
        SeededNoise seeds = seeded();
        List<Result.Picture> result = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            Image picture = MaskedPictures.keepUnmasked(request, pictures.get(i));
            long seed = seeds.seedOf(i);
            String sampler = request.sampling().sampler().orElseGet(() -> Samplers.ofModel(base.model().sampler()).name());
            result.add(new Result.Picture(picture, seed, ParametersOf.text(request, sampler, size, i, seed,
                name(base), refiner.map(Generation::name).orElse(""))));
        }
        return result;
    }

    private static String name(Stage stage) {
        return String.valueOf(stage.model().source().path().getFileName());
    }
}
