package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.daguerre.diffusion.random.Rng;
import org.daguerre.image.Image;
import org.daguerre.tensor.Shape;
import org.daguerre.testing.Accuracy;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests of many threads, joined in the passes of the U-Net: each gets the picture that it gets alone. */
class JoinedRequestsTest {
    private static final int REQUESTS = 64;
    private static final int THREADS = 8;
    private static final String[] SAMPLERS = {"euler a", "ddim", "dpm++ 2m karras", "heun", "unipc", "lms", "lcm", "dpm++ sde"};
    private static final String LONG = "a cat, " + "very ".repeat(90) + "long";

    static Stream<TestEngine> engines() {
        return TestEngine.all().stream();
    }

    /** Own prompt, seed, sampler, step count, guidance, size, picture and random numbers. */
    private static Request request(int i) {
        Request.Builder b = Request.builder(i % 7 == 3 ? LONG : "a cat no " + i % 5).seed(i % 11).steps(1 + i % 4)
            .sampler(SAMPLERS[i % SAMPLERS.length]).guidanceScale(1 + i % 3).size(i % 9 == 4 ? 72 : 64, 64)
            .rng(i % 4 == 0 ? Rng.MT19937 : Rng.PHILOX).batch(i % 13 == 6 ? 2 : 1);
        if (i % 5 == 2) {
            b.negative("dog");
        }
        if (i % 6 == 5) {
            b.image(Image.filled(3, 64, 64, 0.25f)).strength(0.7).steps(4);
        }
        return b.build();
    }

    private static List<Request> requests() {
        List<Request> all = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            all.add(request(i));
        }
        return all;
    }

    private static Daguerre open(TestEngine engine) {
        return Daguerre.builder().model(Goldens.model("tiny-sd1")).device(engine.engine()).precision(engine.type().name()).picturesPerPass(4)
            .open();
    }

    /** On the cpu engine oneDNN may choose another way through a larger product: 2 of 255 levels of a pixel. */
    private static void check(String what, TestEngine engine, Result alone, Result together) {
        assertEquals(alone.pictures().size(), together.pictures().size(), what);
        for (int n = 0; n < alone.pictures().size(); n++) {
            float[] expected = alone.pictures().get(n).pixels().planes();
            float[] found = together.pictures().get(n).pixels().planes();
            if (!engine.engine().equals("cpu")) {
                Accuracy.same(what, Shape.of(expected.length), expected, found);
                continue;
            }
            assertEquals(expected.length, found.length, what);
            for (int i = 0; i < expected.length; i++) {
                assertTrue(Math.abs(expected[i] - found[i]) <= 2 / 255.0, what + ", value " + i + ": " + expected[i] + ", " + found[i]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyThreadGetsThePictureThatItWouldGetAlone(TestEngine engine) throws Exception {
        List<Request> requests = requests();
        Map<Integer, Result> together = new ConcurrentHashMap<>();
        try (Daguerre sd = open(engine)) {
            List<Result> alone = requests.stream().map(sd::generate).toList();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int first = t;
                threads.add(new Thread(() -> {
                    for (int i = first; i < REQUESTS; i += THREADS) {
                        Request r = requests.get(i);
                        together.put(i, i % 2 == 0 ? sd.generate(r) : sd.submit(r).future().join());
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread t : threads) {
                t.join();
            }
            for (int i = 0; i < REQUESTS; i++) {
                check(engine + ", request " + i, engine, alone.get(i), together.get(i));
            }
        }
    }
}
