package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.daguerre.diffusion.random.Rng;
import org.daguerre.testing.Goldens;
import org.junit.jupiter.api.Test;

/** What a session promises to programs that embed it: queue, cancel, close, threads, the same picture from the same seed. */
class SessionTest {
    private static Daguerre.Builder tiny() {
        return Daguerre.builder().model(Goldens.model("tiny-sd1")).device("java");
    }

    private static Request.Builder request(long seed) {
        return Request.builder("a cat").steps(3).size(64, 64).guidanceScale(4).seed(seed);
    }

    @Test
    void everyThreadGetsThePictureThatItWouldGetAlone() throws Exception {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            requests.add(request(i % 5).sampler(i % 2 == 0 ? "euler a" : "ddim").guidanceScale(1 + i % 3)
                .rng(i % 4 == 0 ? Rng.MT19937 : Rng.PHILOX).build());
        }
        try (Daguerre sd = tiny().open()) {
            List<float[]> alone = requests.stream().map(r -> sd.generate(r).picture().pixels().planes()).toList();
            Map<Integer, float[]> together = new ConcurrentHashMap<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int first = 2 * t;
                threads.add(new Thread(() -> {
                    for (int i = first; i < first + 2; i++) {
                        together.put(i, sd.submit(requests.get(i)).future().join().picture().pixels().planes());
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread t : threads) {
                t.join();
            }
            for (int i = 0; i < requests.size(); i++) {
                assertArrayEquals(alone.get(i), together.get(i), "request " + i);
            }
        }
    }

    @Test
    void batchesHoldThePicturesOfTheirSeeds() {
        try (Daguerre sd = tiny().open()) {
            Result batch = sd.generate(request(7).sampler("euler a").batch(3).build());
            assertEquals(3, batch.pictures().size());
            for (int i = 0; i < 3; i++) {
                Result one = sd.generate(request(7 + i).sampler("euler a").build());
                assertEquals(7 + i, batch.pictures().get(i).seed());
                assertArrayEquals(one.picture().pixels().planes(), batch.pictures().get(i).pixels().planes(), "picture " + i);
            }
        }
    }

    @Test
    void cancellingTakesEffectWithinOneStepAndLeavesTheSessionUsable() throws Exception {
        try (Daguerre sd = tiny().open()) {
            float[] before = sd.generate(request(1).build()).picture().pixels().planes();
            AtomicInteger steps = new AtomicInteger();
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch cancelled = new CountDownLatch(1);
            Job job = sd.submit(request(1).steps(500).onProgress(p -> {
                steps.incrementAndGet();
                started.countDown();
                await(cancelled);
                return true;
            }).build());
            started.await();
            job.cancel();
            cancelled.countDown();
            assertThrows(CancellationException.class, () -> job.future().get(60, TimeUnit.SECONDS));
            assertEquals(1, steps.get(), "steps that ran");
            assertArrayEquals(before, sd.generate(request(1).build()).picture().pixels().planes());
        }
    }

    @Test
    void closingEndsRunningAndWaitingRequests() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        Daguerre sd = tiny().open();
        Job running = sd.submit(request(1).steps(900).onProgress(p -> {
            started.countDown();
            return true;
        }).build());
        Job waiting = sd.submit(request(2).build());
        started.await();
        sd.close();
        for (Job job : List.of(running, waiting)) {
            Exception e = assertThrows(Exception.class, () -> job.future().get(60, TimeUnit.SECONDS));
            assertTrue(e instanceof CancellationException || e.getCause() instanceof CancellationException, e.toString());
        }
        assertThrows(IllegalStateException.class, () -> sd.generate(request(1).build()));
        assertThrows(IllegalStateException.class, () -> sd.submit(request(1).build()));
        sd.close();
    }

    @Test
    void aFullQueueSaysSo() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Daguerre sd = tiny().queue(1).open()) {
            sd.submit(request(1).onProgress(p -> {
                started.countDown();
                await(go);
                return false;
            }).build());
            started.await();
            sd.submit(request(2).build());
            assertThrows(QueueFullException.class, () -> sd.submit(request(3).build()));
            go.countDown();
        }
    }

    @Test
    void aWaitingRequestIsCancelledAtOnceAndMakesRoom() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Daguerre sd = tiny().queue(1).open()) {
            Job running = sd.submit(request(1).onProgress(p -> {
                started.countDown();
                await(go);
                return true;
            }).build());
            started.await();
            Job waiting = sd.submit(request(2).build());
            waiting.cancel();
            assertTrue(waiting.isDone(), "cancelled while the other still runs");
            assertThrows(CancellationException.class, () -> waiting.future().join());
            Job next = sd.submit(request(3).build());
            go.countDown();
            assertEquals(1, running.future().join().pictures().size());
            assertEquals(1, next.future().join().pictures().size());
        }
    }

    @Test
    void progressCountsStepsAndRendersPreviews() {
        List<Progress> seen = new ArrayList<>();
        List<int[]> sizes = new ArrayList<>();
        try (Daguerre sd = tiny().open()) {
            sd.generate(request(1).sampler("ddim").onProgress(p -> {
                seen.add(p);
                sizes.add(new int[] {p.preview().render(0).getWidth(), p.preview().render(0).getHeight()});
                return true;
            }).build());
        }
        assertEquals(List.of(1, 2, 3), seen.stream().map(Progress::step).toList());
        assertTrue(seen.stream().allMatch(p -> p.steps() == 3 && p.sigma() > 0));
        assertEquals(8, sizes.get(0)[0]);
        assertEquals(8, sizes.get(0)[1]);
    }

    /** The last preview shows the latents that become the picture: TAESD decodes it as it does the picture of a session that uses it. */
    @Test
    void previewsByTaesdAreInFullSize() {
        List<BufferedImage> previews = new ArrayList<>();
        Request asked = request(1).sampler("euler").batch(2).onProgress(p -> previews.add(p.preview().render(1))).build();
        BufferedImage expected;
        try (Daguerre sd = tiny().vae(Goldens.model("tiny-taesd")).open()) {
            expected = sd.generate(asked.toBuilder().onProgress(p -> true).build()).pictures().get(1).toBufferedImage();
        }
        try (Daguerre sd = tiny().previewVae(Goldens.model("tiny-taesd")).open()) {
            sd.generate(asked);
        }
        BufferedImage last = previews.get(2);
        assertEquals(expected.getWidth(), last.getWidth());
        assertArrayEquals(expected.getRGB(0, 0, 64, 64, null, 0, 64), last.getRGB(0, 0, 64, 64, null, 0, 64));
    }

    @Test
    void requestsNameFieldValueAndRange() {
        String message = assertThrows(IllegalArgumentException.class, () -> Request.builder("a").steps(0)).getMessage();
        assertEquals("steps: expected 1..1000, found 0", message);
        assertThrows(IllegalArgumentException.class, () -> Request.builder("  "));
        assertThrows(IllegalArgumentException.class, () -> Request.builder("a").guidanceScale(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Request.builder("a").strength(1.5));
        try (Daguerre sd = tiny().open()) {
            String size = assertThrows(IllegalArgumentException.class, () -> sd.generate(request(1).size(100, 100).build())).getMessage();
            assertTrue(size.startsWith("size: expected multiples of 8, found 100x100"), size);
            assertThrows(IllegalArgumentException.class, () -> sd.generate(request(1).sampler("nonsense").build()));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
