package org.daguerre.vae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Encoder and decoder of every family against the reference implementation. */
class KlAutoencoderTest {
    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (TestEngine engine : TestEngine.all()) {
            for (String model : List.of("tiny-sd1", "tiny-sd2v", "tiny-sdxl", "tiny-sdxl-refiner")) {
                all.add(Arguments.of(engine, model));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(TestEngine engine, String model) throws Exception {
        ModelDirectory directory = ModelDirectory.open(Goldens.model(model));
        double limit = engine.limit(Tolerance.VAE);
        try (Backend backend = engine.open(); Goldens golden = Goldens.open(model, "components"); Ops ops = Ops.on(backend);
             var file = directory.weights("vae")) {
            Weights weights = Weights.of(file);
            int runs = 0;
            try (KlAutoencoder vae = KlAutoencoder.load(Ops.on(backend), weights, VaeConfig.of(directory.config("vae")))) {
                assertEquals(Set.of(), weights.unused());
                for (String size : List.of("A", "B")) {
                    if (golden.has("vae/" + size + "/latent")) {
                        check(ops, golden, vae, size, limit);
                        runs++;
                    }
                }
            }
            assertTrue(runs > 0 || model.endsWith("refiner"), "no reference found");
        }
    }

    private static void check(Ops parent, Goldens golden, KlAutoencoder vae, String size, double limit) {
        try (Ops ops = parent.child()) {
            String run = "vae/" + size + "/";
            Set<String> seen = new HashSet<>();
            Tensor latent = golden.nhwc(ops, run + "latent", DType.F32);
            golden.checkNhwc(ops, run + "decoded", vae.decodeRaw(ops, latent, inner(golden, run + "decoder_inter/", limit, seen)), limit);
            Tensor image = golden.nhwc(ops, run + "image", DType.F32);
            Tensor moments = vae.moments(ops, image, inner(golden, run + "encoder_inter/", limit, seen));
            int c = vae.latentChannels();
            golden.checkNhwc(ops, run + "mean", ops.slice(moments.columns(0, c)), limit);
            golden.checkNhwc(ops, run + "logvar", ops.slice(moments.columns(c, c)), limit);
            assertTrue(!golden.has(run + "decoder_inter/conv_in") || seen.size() >= 4, "inner points found: " + seen);
        }
    }

    private static Probe inner(Goldens golden, String run, double limit, Set<String> seen) {
        return (ops, name, value) -> {
            if (golden.has(run + name)) {
                golden.checkNhwc(ops, run + name, value, limit);
                seen.add(name);
            }
        };
    }
}
