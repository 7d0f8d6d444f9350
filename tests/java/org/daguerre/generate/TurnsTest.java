package org.daguerre.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.SessionOptions;
import org.daguerre.backend.Engines;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How requests share a session: when they join and leave, and what happens to the others when one of them fails or the session ends. */
@Timeout(120)
class TurnsTest {
    /** A session that tells the rows of every convolution before it runs. */
    private static Session session(int picturesPerPass, IntConsumer rows) {
        Backend engine = Engines.open("java", new Engines.Options(null, 0, 0, "")).backend();
        Backend watched = (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (p, method, args) -> {
            if (method.getName().equals("conv2d")) {
                rows.accept(((Tensor) args[0]).dim(0));
            }
            try {
                return method.invoke(engine, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
        SessionOptions options = new SessionOptions(Optional.of(Goldens.model("tiny-sd1")), Optional.empty(), Optional.empty(),
            Optional.empty(), "java", Optional.empty(), 0, 0, Optional.empty(), Optional.empty(), false, false, picturesPerPass,
            Optional.empty());
        return Session.open(options, new Engines.Choice(watched, "watched"));
    }

    private static Request.Builder request(long seed) {
        return Request.builder("a cat").steps(4).size(64, 64).guidanceScale(4).sampler("ddim").seed(seed);
    }

    private static float[] planes(Result result) {
        return result.picture().pixels().planes();
    }

    /** Threads that each make one request; a request starts when the one before has done its first step. */
    private static Map<Integer, Object> inSequence(Session session, List<Request> requests) throws InterruptedException {
        Map<Integer, Object> results = new ConcurrentHashMap<>();
        List<CountDownLatch> latches = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        latches.add(new CountDownLatch(0));
        for (int i = 0; i < requests.size(); i++) {
            int me = i;
            latches.add(new CountDownLatch(1));
            threads.add(new Thread(() -> {
                await(latches.get(me));
                Request original = requests.get(me);
                Request r = original.toBuilder().onProgress(p -> {
                    latches.get(me + 1).countDown();
                    return original.onProgress().test(p);
                }).build();
                try {
                    results.put(me, session.generate(r));
                } catch (RuntimeException | Error e) {
                    results.put(me, e);
                } finally {
                    latches.get(me + 1).countDown();
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread t : threads) {
            t.join();
        }
        return results;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Request> three() {
        return List.of(request(1).steps(40).build(), request(2).steps(30).sampler("euler").build(), request(3).steps(20).guidanceScale(1).build());
    }

    @Test
    void laterRequestsJoinAtTheNextStepAndLeaveWhenDone() throws InterruptedException {
        List<Integer> rows = new ArrayList<>();
        try (Session session = session(3, rows::add)) {
            List<float[]> alone = three().stream().map(r -> planes(session.generate(r))).toList();
            rows.clear();
            Map<Integer, Object> together = inSequence(session, three());
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(alone.get(i), planes((Result) together.get(i)), "request " + i);
            }
            // Rows of a pass: two where guidance is on, one where it is off.
            assertTrue(rows.contains(2 + 2 + 1), "all three share a pass");
            assertEquals(2, rows.get(0), "the first runs alone until the second arrives");
            assertTrue(rows.lastIndexOf(2) > rows.lastIndexOf(5), "and goes on alone after the others");
        }
    }

    @Test
    void noMoreThanAllowedShareAPass() throws InterruptedException {
        List<Integer> rows = new ArrayList<>();
        try (Session session = session(1, rows::add)) {
            inSequence(session, three());
            assertEquals(2, rows.stream().max(Integer::compare).orElseThrow());
        }
        rows.clear();
        try (Session session = session(2, rows::add)) {
            inSequence(session, three());
            assertEquals(4, rows.stream().max(Integer::compare).orElseThrow());
        }
    }

    @Test
    void whereMemoryEndsTheyRunOneByOne() throws InterruptedException {
        try (Session session = session(3, rows -> {
            if (rows > 2) {
                throw new BackendException.OutOfMemory("planned");
            }
        })) {
            Map<Integer, Object> together = inSequence(session, three());
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(planes(session.generate(three().get(i))), planes((Result) together.get(i)), "request " + i);
            }
        }
    }

    @Test
    void whatGoesWrongInASharedPassReachesAllAndTheSessionGoesOn() throws InterruptedException {
        Error planned = new AssertionError("planned");
        try (Session session = session(3, rows -> {
            if (rows > 2) {
                throw planned;
            }
        })) {
            float[] before = planes(session.generate(request(5).build()));
            Map<Integer, Object> together = inSequence(session, three().subList(0, 2));
            assertSame(planned, together.get(0));
            assertSame(planned, together.get(1));
            assertArrayEquals(before, planes(session.generate(request(5).build())));
        }
    }

    @Test
    void oneThatIsCancelledOrFailsLeavesTheOthersAlone() throws InterruptedException {
        try (Session session = session(3, rows -> { })) {
            List<Request> requests = new ArrayList<>(three());
            requests.set(1, requests.get(1).toBuilder().onProgress(p -> p.step() < 5).build());
            requests.set(2, requests.get(2).toBuilder().onProgress(p -> {
                throw new IllegalArgumentException("a listener's own failure");
            }).build());
            Map<Integer, Object> together = inSequence(session, requests);
            assertArrayEquals(planes(session.generate(requests.get(0))), planes((Result) together.get(0)));
            assertEquals(CancellationException.class, together.get(1).getClass());
            assertEquals(IllegalArgumentException.class, together.get(2).getClass());
        }
    }

    @Test
    void aListenerCannotWaitForAnotherRequestOfItsSession() {
        try (Session session = session(2, rows -> { })) {
            Request nested = request(1).onProgress(p -> {
                session.generate(request(2).build());
                return true;
            }).build();
            String message = assertThrows(IllegalStateException.class, () -> session.generate(nested)).getMessage();
            assertTrue(message.contains("listener"), message);
            session.generate(request(2).build());
        }
    }

    @Test
    void aListenerMayCloseTheSession() {
        Session session = session(2, rows -> { });
        assertThrows(CancellationException.class, () -> session.generate(request(1).onProgress(p -> {
            session.close();
            return true;
        }).build()));
        assertThrows(IllegalStateException.class, () -> session.generate(request(1).build()));
        session.close();
    }

    @Test
    void closingEndsAllThatShareAPass() throws InterruptedException {
        Session session = session(3, rows -> { });
        CountDownLatch third = new CountDownLatch(1);
        List<Request> requests = new ArrayList<>(three());
        requests.set(2, requests.get(2).toBuilder().onProgress(p -> {
            third.countDown();
            return true;
        }).build());
        Thread closer = new Thread(() -> {
            await(third);
            session.close();
        });
        closer.start();
        Map<Integer, Object> ends = inSequence(session, requests);
        closer.join();
        for (int i = 0; i < 3; i++) {
            assertEquals(CancellationException.class, ends.get(i).getClass(), "request " + i);
        }
    }
}
