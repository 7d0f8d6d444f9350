package org.daguerre.cli;

import java.security.SecureRandom;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.Size;
import org.daguerre.diffusion.random.Rng;
import picocli.CommandLine.Option;

/** Size, number and random numbers. */
final class PictureOptions {
    /** What every Stable Diffusion autoencoder shrinks by. */
    private static final int FACTOR = 8;

    @Option(names = {"-s", "--size"}, paramLabel = "WxH",
        description = "Width and height in pixels, multiples of 8; default: the model's or the start picture's.")
    Optional<Size> size;

    @Option(names = {"-b", "--batch"}, paramLabel = "N",
        description = "Pictures to make at once, from consecutive seeds.")
    Optional<Integer> batch;

    @Option(names = "--seed", paramLabel = "N", description = "Start of the random numbers; default: random.")
    Optional<Long> seed;

    @Option(names = "--rng", paramLabel = "NAME",
        description = "Whose random numbers a seed means: philox (PyTorch on CUDA, default) or mt19937 (PyTorch on the "
            + "CPU).")
    Optional<Rng> rng;

    @Option(names = "--variation-seed", paramLabel = "N", description = "Seed of a second noise to mix in.")
    Optional<Long> variationSeed;

    @Option(names = "--variation-strength", paramLabel = "X", description = "How much of it, 0..1.")
    Optional<Double> variationStrength;

    void apply(Request.Builder b) {
        size.ifPresent(s -> Checks.check("--size", () -> b.size(s.width(), s.height())));
        size.ifPresent(PictureOptions::checkMultiple);
        Checks.set("--batch", batch, b::batch);
        Checks.check("--seed", () -> b.seed(seed.orElseGet(PictureOptions::randomSeed)));
        rng.ifPresent(b::rng);
        if (variationSeed.isPresent() && variationStrength.isEmpty()) {
            throw new IllegalArgumentException("--variation-seed: expected --variation-strength with it, found none");
        }
        Checks.set("--variation-strength", variationStrength,
            x -> b.variation(variationSeed.orElseGet(PictureOptions::randomSeed), x));
    }

    /** Refused before a model is loaded; the session checks it again for autoencoders that shrink by more. */
    private static void checkMultiple(Size s) {
        if (s.width() % FACTOR != 0 || s.height() % FACTOR != 0) {
            throw new IllegalArgumentException("--size: expected multiples of " + FACTOR + ", found " + s
                + "; nearest: "
                + nearest(s.width()) + "x" + nearest(s.height()));
        }
    }

    private static int nearest(int side) {
        return Math.max(FACTOR, (side + FACTOR / 2) / FACTOR * FACTOR);
    }

    /** 32 bits, as in other programs. */
    private static long randomSeed() {
        return Integer.toUnsignedLong(new SecureRandom().nextInt());
    }
}
