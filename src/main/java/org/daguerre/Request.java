package org.daguerre;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.daguerre.diffusion.ClassifierGuidance;
import org.daguerre.diffusion.random.Rng;
import org.daguerre.diffusion.random.SeededNoise;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.image.Image;
import org.daguerre.text.Emphasis;

/**
 * Everything that makes one picture (or one batch). Immutable; made by {@link #builder}, which checks every value.
 *
 * <pre>{@code
 * Request request = Request.builder("a red circle").steps(25).guidanceScale(6).seed(42).build();
 * }</pre>
 */
public final class Request {
    private final Builder f;

    private Request(Builder fields) {
        f = fields;
    }

    /** @param prompt may use A1111's syntax for weights, editing, BREAK and AND; not blank */
    public static Builder builder(String prompt) {
        return new Builder(prompt);
    }

    /** A builder with this request's values, to change some of them. */
    public Builder toBuilder() {
        return f.copy();
    }

    public String prompt() {
        return f.prompt;
    }

    /** Absent is not the same as empty: SDXL takes zeros for an absent one. */
    public Optional<String> negative() {
        return f.negative;
    }

    public int steps() {
        return f.steps;
    }

    public double guidanceScale() {
        return f.guidanceScale;
    }

    public double guidanceRescale() {
        return f.guidanceRescale;
    }

    /** Guidance works from this fraction of the steps on. */
    public double guidanceStart() {
        return f.guidanceStart;
    }

    public double guidanceEnd() {
        return f.guidanceEnd;
    }

    public SamplerOptions sampling() {
        return f.sampling;
    }

    /** Fraction of the schedule at which to stop; 1 is the end. */
    public double denoisingEnd() {
        return f.denoisingEnd;
    }

    public double denoisingStart() {
        return f.denoisingStart;
    }

    public long seed() {
        return f.seed;
    }

    public Rng rng() {
        return f.rng;
    }

    public SeededNoise.Variation variation() {
        return f.variation;
    }

    /** Number of pictures, from consecutive seeds. */
    public int batch() {
        return f.batch;
    }

    /** Empty: the size of the start picture, or the one that the model was trained on. */
    public Optional<Size> size() {
        return f.size;
    }

    /** Layers of the text encoder as A1111 counts them: 1 is the last one, 2 the one before; 0 takes the model's default. */
    public int clipSkip() {
        return f.clipSkip;
    }

    public int clipSkipNegative() {
        return f.clipSkipNegative < 0 ? f.clipSkip : f.clipSkipNegative;
    }

    public Emphasis emphasis() {
        return f.emphasis;
    }

    /** Start picture for image-to-image, inpainting and depth-to-image. */
    public Optional<Image> image() {
        return f.image;
    }

    /** White (1) is repainted. */
    public Optional<Image> mask() {
        return f.mask;
    }

    /** Inpaint only the masked region, enlarged to the full size, with this much context around it in pixels. */
    public Optional<Integer> onlyMaskedPadding() {
        return f.onlyMaskedPadding;
    }

    /** 0 keeps the start picture, 1 ignores it. */
    public double strength() {
        return f.strength;
    }

    /** Whether the encoder's posterior is sampled (as diffusers and A1111 do) or its mean taken. */
    public boolean samplePosterior() {
        return f.samplePosterior;
    }

    /** Depth of the start picture, larger is nearer; empty lets the depth model estimate it. */
    public Optional<Image> depthMap() {
        return f.depthMap;
    }

    public List<Control> controls() {
        return f.controls;
    }

    public Adapters adapters() {
        return f.adapters;
    }

    /** SDXL: the size that the training picture is said to have had; empty: the picture's size. */
    public Optional<Size> originalSize() {
        return f.originalSize;
    }

    public Optional<Size> targetSize() {
        return f.targetSize;
    }

    public int cropX() {
        return f.cropX;
    }

    public int cropY() {
        return f.cropY;
    }

    public double aesthetic() {
        return f.aesthetic;
    }

    public double aestheticNegative() {
        return f.aestheticNegative;
    }

    /** Fraction of the schedule where the session's refiner takes over. */
    public double refinerAt() {
        return f.refinerAt;
    }

    /** Gradient of a classifier that pulls the pictures besides the prompt (Dhariwal and Nichol 2021), if any. */
    public Optional<ClassifierGuidance.Gradient> classifier() {
        return f.classifier;
    }

    public double classifierScale() {
        return f.classifierScale;
    }

    public GivenTensors given() {
        return f.given;
    }

    public Optional<Trace> trace() {
        return f.trace;
    }

    /** Called after each step on the generating thread; returning false cancels. */
    public Predicate<Progress> onProgress() {
        return f.onProgress;
    }

    /** Whether anybody listens: only then does a run wait for the engine after each step. */
    public boolean listens() {
        return f.onProgress != Builder.NOBODY;
    }

    /** Collects the values of a request; every setter checks its own, {@link #build} checks how they fit together. */
    public static final class Builder implements Cloneable {
        private static final Predicate<Progress> NOBODY = p -> true;

        private String prompt;
        private Optional<String> negative = Optional.empty();
        private int steps = 20;
        private double guidanceScale = 7;
        private double guidanceRescale;
        private double guidanceStart;
        private double guidanceEnd = 1;
        private SamplerOptions sampling = SamplerOptions.modelDefault();
        private double denoisingStart;
        private double denoisingEnd = 1;
        private long seed;
        private Rng rng = Rng.PHILOX;
        private SeededNoise.Variation variation = SeededNoise.Variation.NONE;
        private int batch = 1;
        private Optional<Size> size = Optional.empty();
        private int clipSkip;
        private int clipSkipNegative = -1;
        private Emphasis emphasis = Emphasis.ORIGINAL;
        private Optional<Image> image = Optional.empty();
        private Optional<Image> mask = Optional.empty();
        private Optional<Integer> onlyMaskedPadding = Optional.empty();
        private double strength = 0.75;
        private boolean samplePosterior = true;
        private Optional<Image> depthMap = Optional.empty();
        private List<Control> controls = List.of();
        private Adapters adapters = Adapters.NONE;
        private Optional<Size> originalSize = Optional.empty();
        private Optional<Size> targetSize = Optional.empty();
        private int cropX;
        private int cropY;
        private double aesthetic = 6;
        private double aestheticNegative = 2.5;
        private double refinerAt = 0.8;
        private Optional<ClassifierGuidance.Gradient> classifier = Optional.empty();
        private double classifierScale;
        private GivenTensors given = GivenTensors.NONE;
        private Optional<Trace> trace = Optional.empty();
        private Predicate<Progress> onProgress = NOBODY;

        private Builder(String prompt) {
            prompt(prompt);
        }

        private Builder copy() {
            try {
                return (Builder) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }

        public Builder prompt(String text) {
            prompt = Objects.requireNonNull(text, "prompt");
            return check(!text.isBlank(), "prompt", "some text", "an empty one");
        }

        public Builder negative(String text) {
            negative = Optional.of(text);
            return this;
        }

        public Builder steps(int n) {
            steps = n;
            return check(n >= 1 && n <= 1000, "steps", "1..1000", n);
        }

        /** 0: unconditional, 1: no guidance (one network run per step), above: classifier-free guidance. */
        public Builder guidanceScale(double x) {
            guidanceScale = x;
            return check(x >= 0 && x <= 1000, "guidance scale", "0..1000", x);
        }

        /** 0 (off) to 1; arXiv:2305.08891, section 3.4. */
        public Builder guidanceRescale(double x) {
            guidanceRescale = x;
            return check(x >= 0 && x <= 1, "guidance rescale", "0..1", x);
        }

        /** Guides only within these fractions of the steps (arXiv:2404.07724). */
        public Builder guidanceInterval(double start, double end) {
            guidanceStart = start;
            guidanceEnd = end;
            return check(start >= 0 && start <= end && end <= 1, "guidance interval", "0 <= start <= end <= 1", start + ".." + end);
        }

        public Builder sampling(SamplerOptions options) {
            sampling = Objects.requireNonNull(options, "sampling");
            return this;
        }

        /** A sampler by name, such as {@code euler a} or {@code dpm++ 2m karras}. */
        public Builder sampler(String name) {
            return sampling(new SamplerOptions(Optional.of(name), sampling.schedule(), sampling.spacing(), sampling.dialect(),
                sampling.zeroSnr(), sampling.settings()));
        }

        public Builder denoisingRange(double start, double end) {
            denoisingStart = start;
            denoisingEnd = end;
            return check(start >= 0 && start < end && end <= 1, "denoising range", "0 <= start < end <= 1", start + ".." + end);
        }

        public Builder seed(long value) {
            seed = value;
            return check(value >= 0, "seed", "a number from 0", value);
        }

        public Builder rng(Rng value) {
            rng = Objects.requireNonNull(value, "rng");
            return this;
        }

        /** Mixes in the noise of another seed; strength 0..1. */
        public Builder variation(long otherSeed, double amount) {
            variation = new SeededNoise.Variation(otherSeed, amount);
            return this;
        }

        public Builder batch(int n) {
            batch = n;
            return check(n >= 1 && n <= 256, "batch", "1..256", n);
        }

        /** Multiples of 8 (of the autoencoder's factor). */
        public Builder size(int width, int height) {
            size = Optional.of(new Size(width, height));
            return check(width <= 16384 && height <= 16384, "size", "sides up to 16384", width + "x" + height);
        }

        public Builder clipSkip(int n) {
            clipSkip = n;
            return check(n >= 0 && n <= 64, "clip skip", "0..64", n);
        }

        public Builder clipSkipNegative(int n) {
            clipSkipNegative = n;
            return check(n >= 0 && n <= 64, "clip skip (negative)", "0..64", n);
        }

        public Builder emphasis(Emphasis mode) {
            emphasis = Objects.requireNonNull(mode, "emphasis");
            return this;
        }

        public Builder image(Image start) {
            image = Optional.of(start);
            return this;
        }

        public Builder mask(Image repaint) {
            mask = Optional.of(repaint);
            return this;
        }

        public Builder onlyMasked(int padding) {
            onlyMaskedPadding = Optional.of(padding);
            return check(padding >= 0 && padding <= 4096, "only-masked padding", "0..4096", padding);
        }

        public Builder strength(double x) {
            strength = x;
            return check(x >= 0 && x <= 1, "strength", "0..1", x);
        }

        public Builder samplePosterior(boolean sample) {
            samplePosterior = sample;
            return this;
        }

        public Builder depthMap(Image depth) {
            depthMap = Optional.of(depth);
            return this;
        }

        public Builder control(Control c) {
            List<Control> more = new ArrayList<>(controls);
            more.add(c);
            controls = List.copyOf(more);
            return this;
        }

        public Builder adapters(Adapters a) {
            adapters = Objects.requireNonNull(a, "adapters");
            return this;
        }

        public Builder originalSize(int width, int height) {
            originalSize = Optional.of(new Size(width, height));
            return this;
        }

        public Builder targetSize(int width, int height) {
            targetSize = Optional.of(new Size(width, height));
            return this;
        }

        public Builder crop(int x, int y) {
            cropX = x;
            cropY = y;
            return check(x >= 0 && y >= 0, "crop", "numbers from 0", x + "," + y);
        }

        public Builder aesthetic(double positive, double negativeScore) {
            aesthetic = positive;
            aestheticNegative = negativeScore;
            return check(Double.isFinite(positive) && Double.isFinite(negativeScore), "aesthetic score", "finite numbers",
                positive + ", " + negativeScore);
        }

        public Builder refinerAt(double fraction) {
            refinerAt = fraction;
            return check(fraction > 0 && fraction < 1, "refiner at", "a fraction between 0 and 1", fraction);
        }

        /** Classifier guidance: the gradient of log p(y | x) with respect to the noisy latents, times {@code scale}. */
        public Builder classifierGuidance(ClassifierGuidance.Gradient gradient, double scale) {
            classifier = Optional.of(gradient);
            classifierScale = scale;
            return check(Double.isFinite(scale), "classifier scale", "a finite number", scale);
        }

        public Builder given(GivenTensors tensors) {
            given = Objects.requireNonNull(tensors, "given");
            return this;
        }

        public Builder trace(Trace t) {
            trace = Optional.of(t);
            return this;
        }

        public Builder onProgress(Predicate<Progress> listener) {
            onProgress = Objects.requireNonNull(listener, "onProgress");
            return this;
        }

        /** @throws IllegalArgumentException if the values do not fit together; the message names field, value and range */
        public Request build() {
            check(mask.isEmpty() || image.isPresent(), "mask", "a start picture with it", "none");
            check(onlyMaskedPadding.isEmpty() || mask.isPresent(), "only-masked padding", "a mask with it", "none");
            check(depthMap.isEmpty() || image.isPresent(), "depth map", "a start picture with it", "none");
            return new Request(copy());
        }

        private Builder check(boolean holds, String field, String expected, Object found) {
            if (!holds) {
                throw new IllegalArgumentException(field + ": expected " + expected + ", found " + found);
            }
            return this;
        }
    }
}
