package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.daguerre.image.Image;
import org.daguerre.testing.Goldens;
import org.daguerre.weights.CheckpointException;
import org.junit.jupiter.api.Test;

/** What an upscaler promises to programs that embed it; its numbers are tested in {@code upscale}. */
class UpscalerTest {
    private static final Path FILE = Goldens.model("tiny-esrgan").resolve("x4.safetensors");

    private static Upscaler open(int tile) {
        return Upscaler.open(FILE, Daguerre.builder().device("java"), tile);
    }

    private static Image picture() {
        Image image = Image.zeros(3, 20, 40);
        for (int i = 0; i < image.planes().length; i++) {
            image.planes()[i] = i * 37 % 101 / 101f;
        }
        return image;
    }

    @Test
    void tellsItsTiles() {
        List<Upscaler.Tiles> seen = new ArrayList<>();
        try (Upscaler upscaler = open(20)) {
            Image large = upscaler.upscale(picture(), seen::add);
            assertEquals(4, upscaler.scale());
            assertEquals(160, large.width());
            assertEquals(80, large.height());
        }
        assertTrue(seen.size() > 1, seen.toString());
        for (int i = 0; i < seen.size(); i++) {
            assertEquals(new Upscaler.Tiles(i + 1, seen.size()), seen.get(i));
        }
    }

    @Test
    void cancelsAfterATileAndStaysUsable() {
        List<Upscaler.Tiles> seen = new ArrayList<>();
        try (Upscaler upscaler = open(20)) {
            float[] before = upscaler.upscale(picture(), t -> true).planes();
            assertThrows(CancellationException.class, () -> upscaler.upscale(picture(), t -> {
                seen.add(t);
                return false;
            }));
            assertEquals(1, seen.size());
            assertArrayEquals(before, upscaler.upscale(picture(), t -> true).planes());
        }
    }

    @Test
    void takesPicturesOfJava() {
        try (Upscaler upscaler = open(64)) {
            BufferedImage large = upscaler.upscale(new BufferedImage(12, 10, BufferedImage.TYPE_INT_ARGB));
            assertEquals(48, large.getWidth());
            assertEquals(40, large.getHeight());
        }
    }

    @Test
    void closingEndsWhatRuns() throws Exception {
        Upscaler upscaler = open(20);
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        CompletableFuture<Image> running = CompletableFuture.supplyAsync(() -> upscaler.upscale(picture(), t -> {
            started.countDown();
            return await(closing);
        }));
        started.await();
        Thread closer = new Thread(upscaler::close);
        closer.start();
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait(); // until it waits for the tile
        }
        closing.countDown();
        Throwable e = assertThrows(ExecutionException.class, () -> running.get(60, TimeUnit.SECONDS)).getCause();
        assertTrue(e instanceof CancellationException, e.toString());
        closer.join();
        assertThrows(IllegalStateException.class, () -> upscaler.upscale(picture(), t -> true));
        upscaler.close();
    }

    @Test
    void otherFilesAndTilesAreRefused() {
        String message = assertThrows(CheckpointException.class, () -> Upscaler.open(Goldens.model("tiny-sd1.safetensors"))).getMessage();
        assertTrue(message.contains("expected an upscaler of the ESRGAN family, found diffusion model"), message);
        assertEquals("tile: expected 17..16384, found 16", assertThrows(IllegalArgumentException.class, () -> open(16)).getMessage());
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
