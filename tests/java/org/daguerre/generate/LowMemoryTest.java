package org.daguerre.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.daguerre.Adapters;
import org.daguerre.Request;
import org.daguerre.SessionOptions;
import org.daguerre.backend.Engines;
import org.daguerre.image.Image;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Sessions that hold a network only while it is used: the same pictures in less memory. */
class LowMemoryTest {
    private static final Path ADAPTERS = Goldens.ROOT.resolve("adapters");

    private static Session open(Backend backend, String model, boolean low) {
        SessionOptions options = new SessionOptions(Optional.of(Goldens.model(model)), Optional.empty(), Optional.empty(), Optional.empty(),
            "auto", Optional.empty(), 0, 0, Optional.empty(), Optional.empty(), false, low, 0,
            Optional.empty());
        return Session.open(options, new Engines.Choice(backend, "test"));
    }

    private static Request.Builder request(long seed) {
        return Request.builder("a cat").negative("dog").steps(3).size(64, 64).guidanceScale(4).sampler("ddim").seed(seed);
    }

    private static Adapters adapters() {
        return new Adapters(List.of(new Adapters.LoraUse(ADAPTERS.resolve("lora_sd1_kohya.safetensors"), 1, 1)),
            List.of(new Adapters.Embedding(ADAPTERS.resolve("ti_sd1_a1111.pt"), Optional.of("thing"))), Optional.empty());
    }

    private static Stream<DynamicTest> engines(Consumer<TestEngine> test) {
        return TestEngine.all().stream().map(e -> DynamicTest.dynamicTest(e.toString(), () -> test.accept(e)));
    }

    /** Plain, again, with adapters, without them again, from a picture, several at once. */
    private static List<Request> requests() {
        Image start = Image.zeros(3, 64, 64);
        Arrays.fill(start.planes(), 0.25f);
        return List.of(request(1).build(), request(1).build(), request(2).adapters(adapters()).build(), request(1).build(),
            request(3).image(start).strength(0.7).build(), request(4).batch(2).build());
    }

    private static List<float[]> pictures(Session session) {
        List<float[]> all = new ArrayList<>();
        requests().forEach(r -> session.generate(r).pictures().forEach(p -> all.add(p.pixels().planes())));
        return all;
    }

    @TestFactory
    Stream<DynamicTest> makesTheSamePictures() {
        return engines(engine -> {
            List<float[]> plain;
            try (Session session = open(engine.open(), "tiny-sd1", false)) {
                plain = pictures(session);
            }
            try (Session session = open(engine.open(), "tiny-sd1", true)) {
                List<float[]> low = pictures(session);
                assertEquals(plain.size(), low.size());
                for (int i = 0; i < low.size(); i++) {
                    assertArrayEquals(plain.get(i), low.get(i), "picture " + i);
                }
                assertTrue(!Arrays.equals(low.get(0), low.get(2)), "adapters without effect");
            }
        });
    }

    /** Live bytes when opened, in the last step and at the end. */
    private record Memory(long opened, long sampling, long end) {
        static Memory of(TestEngine engine, String model, boolean low) {
            Backend backend = engine.open();
            try (Session session = open(backend, model, low)) {
                long opened = backend.statistics().liveBytes();
                long[] sampling = new long[1];
                session.generate(request(1).onProgress(p -> {
                    sampling[0] = backend.statistics().liveBytes();
                    return true;
                }).build());
                return new Memory(opened, sampling[0], backend.statistics().liveBytes());
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> holdsOneNetworkAtATime() {
        return engines(engine -> {
            for (String model : List.of("tiny-sd1", "tiny-sdxl")) {
                Memory plain = Memory.of(engine, model, false);
                Memory low = Memory.of(engine, model, true);
                assertTrue(low.opened() < plain.opened() / 4, model + ": " + low + " opened, without the option " + plain);
                assertTrue(low.sampling() < plain.sampling(), model + ": " + low + ", without the option " + plain);
                assertEquals(low.opened(), low.end(), model + " keeps what it has used");
            }
        });
    }

    /** The weights must also go when a run fails, and the session must still work. */
    @TestFactory
    Stream<DynamicTest> recoversFromAFailure() {
        return engines(engine -> {
            Backend backend = engine.open();
            try (Session session = open(backend, "tiny-sd1", true)) {
                long opened = backend.statistics().liveBytes();
                float[] before = session.generate(request(1).build()).picture().pixels().planes();
                assertThrows(BackendException.class, () -> session.generate(request(1).onProgress(p -> {
                    throw new BackendException("planted");
                }).build()));
                assertEquals(opened, backend.statistics().liveBytes());
                assertArrayEquals(before, session.generate(request(1).build()).picture().pixels().planes());
            }
        });
    }
}
