package org.daguerre.vae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TAESD from the diffusers file and from the two original files against the reference. */
class TinyAutoencoderTest {
    private static final Path FOLDER = Goldens.model("tiny-taesd");

    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine engine : TestEngine.all()) {
            all.add(Arguments.of(engine, FOLDER));
            all.add(Arguments.of(engine, FOLDER.resolve("original_taesd_decoder.safetensors")));
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, Path file) throws Exception {
        double limit = engine.limit(Tolerance.TAESD);
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-taesd", "components");
             Ops ops = Ops.on(backend);
             Checkpoint checkpoint = org.daguerre.weights.TinyAutoencoder.open(file)) {
            Weights weights = Weights.of(checkpoint);
            try (TinyAutoencoder vae = TinyAutoencoder.load(Ops.on(backend), weights)) {
                assertEquals(Set.of(), weights.unused());
                assertEquals(8, vae.factor());
                assertEquals(4, vae.latentChannels());
                golden.checkNhwc(ops, "taesd/decoded", vae.decode(ops, golden.nhwc(ops, "latent", DType.F32)), limit);
                Tensor image = golden.nhwc(ops, "image", DType.F32);
                golden.checkNhwc(ops, "taesd/encoded", vae.encode(ops, image, null), limit);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void namesTheMissingHalf(TestEngine engine) throws Exception {
        Path decoder = FOLDER.resolve("original_taesd_decoder.safetensors");
        try (Backend backend = engine.open(); Ops ops = Ops.on(backend);
             Checkpoint checkpoint = org.daguerre.weights.TinyAutoencoder.openHalves(List.of(decoder));
             TinyAutoencoder vae = TinyAutoencoder.load(Ops.on(backend), Weights.of(checkpoint))) {
            assertEquals(8, vae.factor());
            Tensor image = ops.upload(new float[8 * 8 * 3], 1, 8, 8, 3);
            var e = assertThrows(IllegalStateException.class, () -> vae.encode(ops, image, null));
            assertTrue(e.getMessage().contains("encoder"), e.getMessage());
        }
    }

    static List<TestEngine> engines() {
        return TestEngine.all();
    }
}
