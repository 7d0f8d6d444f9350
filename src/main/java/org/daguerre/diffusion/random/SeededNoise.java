package org.daguerre.diffusion.random;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.daguerre.diffusion.NoiseSource;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/**
 * Noise from seeds: one stream per image, so a picture is the same alone and anywhere in a batch. Values are drawn in
 * PyTorch's order [C, H, W] and laid out [H, W, C].
 */
public final class SeededNoise implements NoiseSource {
    private final List<NormalGenerator> streams = new ArrayList<>();
    private final List<BrownianTree> trees = new ArrayList<>();
    private final Rng rng;
    private final Variation variation;
    private final long firstSeed;
    private boolean started;

    /**
     * A variation of each picture: noise slerped towards that of another seed.
     *
     * @param seed seed of the first image's variation
     * @param strength 0 (none) to 1 (the other picture)
     */
    public record Variation(long seed, double strength) {
        public static final Variation NONE = new Variation(0, 0);

        public Variation {
            if (!(strength >= 0 && strength <= 1)) {
                throw new IllegalArgumentException("variation strength: expected a number within 0..1, found "
                    + strength);
            }
        }
    }

    /** Images {@code seed}, {@code seed + 1}, ... */
    public SeededNoise(Rng rng, long seed, int images) {
        this(rng, seed, images, Variation.NONE);
    }

    /** As A1111: with a variation all images share {@code seed} and their variations' seeds are consecutive. */
    public SeededNoise(Rng rng, long seed, int images, Variation variation) {
        this.rng = rng;
        this.variation = variation;
        this.firstSeed = seed;
        for (int i = 0; i < images; i++) {
            streams.add(rng.seeded(seedOf(i)));
            trees.add(new BrownianTree(variation.strength > 0 ? variation.seed + i : seed + i));
        }
    }

    /** The seed of image {@code i}. */
    public long seedOf(int i) {
        return variation.strength > 0 ? firstSeed : firstSeed + i;
    }

    /** The first draw of all: the picture's starting noise, with the variation mixed in. */
    @Override
    public Tensor draw(Ops ops, Shape shape) {
        boolean first = !started;
        started = true;
        return rows(ops, shape, i -> {
            float[] noise = streams.get(i).next(Layout.perImage(shape));
            return first && variation.strength > 0
                ? Slerp.mix(noise, rng.seeded(variation.seed + i).next(noise.length), shape, variation.strength)
                    : noise;
        });
    }

    /** A draw before the starting noise, without variation: for sampling the posterior of a start picture. */
    public Tensor drawPosterior(Ops ops, Shape shape) {
        return rows(ops, shape, i -> streams.get(i).next(Layout.perImage(shape)));
    }

    @Override
    public Tensor brownian(Ops ops, Shape shape, double from, double to) {
        return rows(ops, shape, i -> trees.get(i).increment(Layout.perImage(shape), from, to));
    }

    private Tensor rows(Ops ops, Shape shape, IntFunction<float[]> image) {
        if (shape.dim(0) != streams.size()) {
            throw new IllegalArgumentException("noise: expected latents of " + streams.size() + " images, found "
                + shape);
        }
        float[] all = new float[(int) shape.count()];
        for (int i = 0; i < streams.size(); i++) {
            Layout.toNhwc(image.apply(i), shape, all, i);
        }
        return ops.upload(all, shape);
    }
}
