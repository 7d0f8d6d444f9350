package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.daguerre.testing.Goldens;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One session, many requests: pictures, cancelled ones, adapters put in and taken out, requests that fail. Heap, memory of the process
 * and time per picture stay where they are, and so does the picture. Prints what it measured.
 */
class SoakTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long MIB = 1 << 20;
    private static final Adapters LORA = new Adapters(List.of(new Adapters.LoraUse(
        Path.of("tests/fixtures/adapters/lora_sd1_kohya.safetensors"), 0.7, 0.7)), List.of(), Optional.empty());

    private record Usage(long heap, long process) {
        static Usage now() throws IOException {
            System.gc();
            Runtime r = Runtime.getRuntime();
            long process = Files.exists(STATUS) ? Files.readAllLines(STATUS).stream().filter(l -> l.startsWith("VmRSS:"))
                .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) << 10).findFirst().orElseThrow() : 0;
            return new Usage(r.totalMemory() - r.freeMemory(), process);
        }
    }

    @Test
    void aShortOne() throws IOException {
        soak(Optional.empty(), 20);
        soak(Optional.of(LORA), 40);
    }

    @Test
    @Tag("slow")
    void aThousandPicturesAndAThousandCancels() throws IOException {
        soak(Optional.empty(), 1000);
    }

    @Test
    @Tag("slow")
    void aThousandAdaptersInAndOut() throws IOException {
        soak(Optional.of(LORA), 1000);
    }

    /** With adapters on the tiny model that they are for, without on the built-in one. */
    private static void soak(Optional<Adapters> adapters, int rounds) throws IOException {
        try (Daguerre sd = adapters.isPresent() ? Daguerre.open(Goldens.model("tiny-sd1")) : Daguerre.open()) {
            float[] first = null;
            Usage start = null;
            double[] millis = new double[rounds];
            for (int i = 0; i < rounds; i++) {
                long t = System.nanoTime();
                float[] picture = sd.generate(request().build()).picture().pixels().planes();
                millis[i] = (System.nanoTime() - t) / 1e6;
                first = first == null ? picture : first;
                assertArrayEquals(first, picture, "round " + i);
                disturb(sd, adapters);
                if (i == rounds / 3) {
                    start = Usage.now();
                }
            }
            check(start, Usage.now(), millis, (adapters.isPresent() ? "LoRAs on the tiny model, " : "built-in model, ") + sd.engine());
        }
    }

    private static Request.Builder request() {
        return Request.builder("a cat").steps(2).size(64, 64).seed(11);
    }

    /** A cancelled request, one that asks for the impossible, and perhaps one with adapters. */
    private static void disturb(Daguerre sd, Optional<Adapters> adapters) {
        assertThrows(CancellationException.class, () -> sd.generate(request().onProgress(p -> false).build()));
        adapters.ifPresent(a -> sd.generate(request().steps(1).adapters(a).build()));
        assertThrows(IllegalArgumentException.class, () -> sd.generate(request().size(65, 64).build()));
    }

    private static void check(Usage start, Usage end, double[] millis, String engine) {
        double early = fastest(millis, millis.length / 3, millis.length * 2 / 3);
        double late = fastest(millis, millis.length * 2 / 3, millis.length);
        long heap = end.heap() - start.heap();
        long process = end.process() - start.process();
        System.out.printf("soak of %d rounds on %s: heap %+.1f MiB, process %+.1f MiB, %.1f ms then %.1f ms a picture%n", millis.length, engine,
            heap / (double) MIB, process / (double) MIB, early, late);
        assertTrue(heap < 4 * MIB, "heap grew by " + heap);
        // The collector and malloc keep freed memory; a leak of one latent per round would show in the long run.
        assertTrue(process < 96 * MIB, "process grew by " + process);
        assertTrue(late < 2 * early + 5, "fastest picture " + early + " ms, later " + late + " ms");
    }

    private static double fastest(double[] millis, int from, int to) {
        return Arrays.stream(millis, from, to).min().orElseThrow();
    }
}
