package org.daguerre.upscale;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.daguerre.image.Image;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.weights.CheckpointKind;
import org.daguerre.weights.SafetensorsWriter;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real-ESRGAN's small upscaler with random weights, against the network written out in loops. */
class CompactNetTest {
    private static final int FEATURES = 16;
    private static final int CONVS = 3;
    private static final int HEIGHT = 9;
    private static final int WIDTH = 7;

    @TempDir
    Path folder;

    static List<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine e : TestEngine.all()) {
            for (int scale : new int[] {1, 2, 4}) {
                all.add(Arguments.of(e, scale));
            }
        }
        return all;
    }

    private static HostTensor random(String name, double size, double mean, int... dims) {
        Random random = new Random(name.hashCode());
        float[] v = new float[Math.toIntExact(Shape.of(dims).count())];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) (mean + size * random.nextGaussian());
        }
        return HostTensor.of(name, Shape.of(dims), v);
    }

    private static List<HostTensor> weights(int scale) {
        List<HostTensor> all = new ArrayList<>();
        for (int i = 0; i <= CONVS; i++) {
            int in = i == 0 ? 3 : FEATURES;
            int out = i == CONVS ? 3 * scale * scale : FEATURES;
            all.add(random("body." + 2 * i + ".weight", 1 / Math.sqrt(9.0 * in), 0, out, in, 3, 3));
            all.add(random("body." + 2 * i + ".bias", 0.1, 0, out));
            if (i < CONVS) {
                all.add(random("body." + (2 * i + 1) + ".weight", 0.3, 0.1, FEATURES));
            }
        }
        return all;
    }

    /** [channel][pixel] through the layers, each value by its definition. */
    private static float[] expected(float[] input, List<HostTensor> weights, int scale) {
        double[][] h = new double[3][HEIGHT * WIDTH];
        for (int i = 0; i < input.length; i++) {
            h[i / (HEIGHT * WIDTH)][i % (HEIGHT * WIDTH)] = input[i];
        }
        for (int i = 0; i <= CONVS; i++) {
            h = convolution(h, weights.get(3 * i).toFloats(), weights.get(3 * i + 1).toFloats());
            if (i < CONVS) {
                float[] slopes = weights.get(3 * i + 2).toFloats();
                for (int c = 0; c < h.length; c++) {
                    for (int p = 0; p < h[c].length; p++) {
                        h[c][p] = h[c][p] >= 0 ? h[c][p] : slopes[c] * h[c][p];
                    }
                }
            }
        }
        int large = WIDTH * scale;
        float[] out = new float[3 * HEIGHT * scale * large];
        for (int i = 0; i < out.length; i++) {
            int c = i / (HEIGHT * scale * large);
            int y = i / large % (HEIGHT * scale);
            int x = i % large;
            int pixel = y / scale * WIDTH + x / scale;
            out[i] = (float) (h[c * scale * scale + y % scale * scale + x % scale][pixel] + input[c * HEIGHT * WIDTH + pixel]);
        }
        return out;
    }

    private static double[][] convolution(double[][] x, float[] w, float[] b) {
        double[][] y = new double[b.length][HEIGHT * WIDTH];
        for (int o = 0; o < b.length; o++) {
            for (int p = 0; p < HEIGHT * WIDTH; p++) {
                double sum = b[o];
                for (int k = 0; k < 9 * x.length; k++) {
                    int row = p / WIDTH + k % 9 / 3 - 1;
                    int column = p % WIDTH + k % 3 - 1;
                    boolean inside = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
                    sum += inside ? w[o * 9 * x.length + k] * x[k / 9][row * WIDTH + column] : 0;
                }
                y[o][p] = sum;
            }
        }
        return y;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isWhatTheLoopsSay(TestEngine engine, int scale) throws Exception {
        List<HostTensor> weights = weights(scale);
        Path path = folder.resolve("net.safetensors");
        SafetensorsWriter.write(path, weights, Map.of());
        float[] input = random("input", 0.3, 0.5, 3 * HEIGHT * WIDTH).toFloats();
        try (SingleFile file = SingleFile.open(path); Backend backend = engine.open(); Ops ops = Ops.on(backend)) {
            assertEquals(CheckpointKind.UPSCALER, file.recognition().kind());
            assertEquals(Set.of(), file.unknown());
            assertEquals(scale, file.config("upscaler").getInt("scale"));
            assertEquals(CONVS - 1, file.config("upscaler").getInt("num_conv"));
            Weights view = Weights.of(file.weights("upscaler"));
            try (UpscalerNet net = UpscalerNet.load(Ops.on(backend), view)) {
                assertEquals(Set.of(), view.unused());
                float[] found = ops.download(ops.toNchw(ops.cast(net.forward(ops,
                    ops.toNhwc(ops.upload(input, 1, 3, HEIGHT, WIDTH), ops.type())), DType.F32)));
                Goldens.close("scale " + scale, expected(input, weights, scale), found, engine.limit(Tolerance.ESRGAN));
                if (engine.type() == DType.F32) {
                    Image picture = Image.of(3, HEIGHT, WIDTH, input);
                    Image whole = new TiledUpscaler(net, 64, 0, 0).upscale(picture);
                    Image tiled = new TiledUpscaler(net, 4, 1, CONVS + 1).upscale(picture);
                    assertTrue(Goldens.relativeL2(whole.planes(), tiled.planes()) < 1e-5, "tiles do not show");
                }
            }
        }
    }
}
