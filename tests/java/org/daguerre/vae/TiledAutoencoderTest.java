package org.daguerre.vae;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tiled and whole agree as far as the network allows, and where tiles end nothing is to be seen. */
class TiledAutoencoderTest {
    private static final int H = 20;
    private static final int W = 28;

    static List<TestEngine> engines() {
        return TestEngine.all().stream().filter(e -> e.type() == DType.F32).toList();
    }

    private static float[] normals(int count, long seed) {
        Random random = new Random(seed);
        float[] v = new float[count];
        for (int i = 0; i < count; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return v;
    }

    /**
     * A convolutional network sees only so far, so with enough overlap each pixel is what it would be without tiles.
     */
    @ParameterizedTest
    @MethodSource("engines")
    void convolutionsAgreeUpToTheirReach(TestEngine engine) throws Exception {
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend);
             Checkpoint file = org.daguerre.weights.TinyAutoencoder.open(Goldens.model("tiny-taesd"));
             TinyAutoencoder vae = TinyAutoencoder.load(Ops.on(backend), Weights.of(file))) {
            Tensor latents = ops.upload(normals(2 * 12 * 16 * 4, 1), 2, 12, 16, 4);
            TiledAutoencoder tiled = new TiledAutoencoder(vae, 12, 8);
            float[] whole = ops.download(vae.decode(ops, latents));
            Goldens.close("decode", whole, ops.download(tiled.decode(ops, latents)), 5e-2);
            Tensor image = vae.decode(ops, latents);
            Goldens.close("encode", ops.download(vae.encode(ops, image, null)),
                ops.download(tiled.encode(ops, image, null)), 5e-2);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void showsNoSeams(TestEngine engine) throws Exception {
        ModelDirectory directory = ModelDirectory.open(Goldens.model("tiny-sd1"));
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend); var file = directory.weights("vae");
             KlAutoencoder vae = KlAutoencoder.load(Ops.on(backend), Weights.of(file),
                 VaeConfig.of(directory.config("vae")))) {
            Tensor latents = ops.upload(normals(H * W * 4, 2), 1, H, W, 4);
            float[] whole = ops.download(vae.decode(ops, latents));
            float[] soft = ops.download(new TiledAutoencoder(vae, 16, 8).decode(ops, latents));
            float[] hard = ops.download(new TiledAutoencoder(vae, 14, 0).decode(ops, latents));
            double relative = Goldens.relativeL2(whole, soft);
            assertTrue(relative < 0.1, "relative L2 error " + relative);
            assertTrue(step(whole, hard, 14 * 8) > 2, "a hard edge is not found: " + step(whole, hard, 14 * 8));
            for (int edge : new int[] {12 * 8, 16 * 8}) {
                assertTrue(step(whole, soft, edge) < 1.3, "step at column " + edge + ": " + step(whole, soft, edge));
            }
        }
    }

    /** Mean change of the difference across one column, over that of all columns. */
    private static double step(float[] whole, float[] tiled, int edge) {
        int width = 8 * W;
        double at = 0;
        double all = 0;
        for (int y = 0; y < 8 * H; y++) {
            for (int x = 1; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    int i = (y * width + x) * 3 + c;
                    double change = Math.abs((tiled[i] - whole[i]) - (tiled[i - 3] - whole[i - 3]));
                    all += change / (width - 1);
                    at += x == edge ? change : 0;
                }
            }
        }
        return at / all;
    }

    @ParameterizedTest
    @MethodSource("engines")
    void encodesWithTheSameNoise(TestEngine engine) throws Exception {
        ModelDirectory directory = ModelDirectory.open(Goldens.model("tiny-sd1"));
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend); var file = directory.weights("vae");
             KlAutoencoder vae = KlAutoencoder.load(Ops.on(backend), Weights.of(file),
                 VaeConfig.of(directory.config("vae")))) {
            Tensor image = ops.upload(normals(H * W * 64 * 3, 3), 1, 8 * H, 8 * W, 3);
            Tensor noise = ops.upload(normals(H * W * 4, 4), 1, H, W, 4);
            float[] whole = ops.download(vae.encode(ops, image, noise));
            float[] tiled = ops.download(new TiledAutoencoder(vae, 16, 8).encode(ops, image, noise));
            Goldens.close("encode", whole, tiled, 0.1);
        }
    }
}
