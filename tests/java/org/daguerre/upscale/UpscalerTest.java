package org.daguerre.upscale;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.daguerre.image.Image;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** RRDBNet in every naming against the reference, and pictures in tiles against pictures in one piece. */
class UpscalerTest {
    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine e : TestEngine.all()) {
            for (String file : List.of("x4.safetensors", "x4.pth", "x4_old_names.pth", "x2.safetensors")) {
                all.add(Arguments.of(e, file));
            }
        }
        return all.stream();
    }

    static Stream<Arguments> factors() {
        return cases().filter(a -> ((String) a.get()[1]).endsWith("safetensors")
            && ((TestEngine) a.get()[0]).type() == DType.F32);
    }

    private static RrdbNet load(Backend backend, String file) {
        try (SingleFile single = SingleFile.open(Goldens.model("tiny-esrgan").resolve(file))) {
            Weights weights = Weights.of(single.weights("upscaler"));
            RrdbNet net = RrdbNet.load(Ops.on(backend), weights);
            assertEquals(Set.of(), weights.unused());
            return net;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, String file) throws Exception {
        String run = file.substring(0, 2);
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-esrgan", "components");
             Ops ops = Ops.on(backend);
             RrdbNet net = load(backend, file)) {
            assertEquals(run.equals("x4") ? 4 : 2, net.scale());
            golden.checkNhwc(ops, run + "/output", net.forward(ops, golden.nhwc(ops, run + "/input", ops.type())),
                engine.limit(Tolerance.ESRGAN));
        }
    }

    private static Image picture(int width, int height) {
        Image image = Image.zeros(3, height, width);
        Random random = new Random(9);
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    double wave = 0.5 + 0.3 * Math.sin(0.2 * x + c) * Math.cos(0.15 * y);
                    image.planes()[image.index(c, y, x)] = (float) (wave + 0.1 * random.nextDouble());
                }
            }
        }
        return image;
    }

    /** Odd sides, several tiles each way: every pixel as without tiles. */
    @ParameterizedTest
    @MethodSource("factors")
    void tilesDoNotShow(TestEngine engine, String file) throws Exception {
        try (Backend backend = engine.open(); RrdbNet net = load(backend, file)) {
            Image image = picture(75, 53);
            Image whole = new TiledUpscaler(net, 200, 0, 0).upscale(image);
            assertEquals(75 * net.scale(), whole.width());
            assertEquals(53 * net.scale(), whole.height());
            List<Integer> done = new ArrayList<>();
            Image tiled = new TiledUpscaler(net, 24, 5, 13).upscale(image, (tiles, of) -> done.add(tiles));
            assertTrue(done.size() >= 6, "tiles: " + done);
            float worst = 0;
            for (int i = 0; i < whole.planes().length; i++) {
                worst = Math.max(worst, Math.abs(whole.planes()[i] - tiled.planes()[i]));
            }
            double relative = Goldens.relativeL2(whole.planes(), tiled.planes());
            assertTrue(worst < 1e-3, "largest difference " + worst);
            assertTrue(relative < 1e-4, "relative L2 error " + relative);
        }
    }
}
