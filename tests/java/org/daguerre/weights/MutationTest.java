package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real files with random damage: each is read to the end, or is refused with a {@link CheckpointException}. Anything
 * else, such as an exception of the language or running out of time or memory, fails. {@code -Ddaguerre.mutations=N}
 * for more.
 */
class MutationTest {
    private static final int MUTATIONS = Integer.getInteger("daguerre.mutations", 200);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Map<String, Path> FILES = Map.of(
        "safetensors", Path.of("tests/fixtures/models/tiny-taesd/original_taesd_encoder.safetensors"),
        "small safetensors", Path.of("tests/fixtures/adapters/ti_sdxl.safetensors"),
        "model in safetensors", Path.of("tests/fixtures/models/tiny-sd2v.safetensors"),
        "torch zip", Path.of("tests/fixtures/models/tiny-esrgan/x4.pth"),
        "hypernetwork", Path.of("tests/fixtures/adapters/hypernetwork_b.pt"),
        "model in torch zip", Path.of("tests/fixtures/models/tiny-sd1.ckpt"),
        "small torch zip", Path.of("tests/fixtures/adapters/ti_sd1_a1111.pt"),
        "torch legacy", Path.of("tests/fixtures/adapters/ti_sd1_paramdict_legacy.pt"),
        "configuration", Path.of("tests/fixtures/models/tiny-sdxl/unet/config.json"));

    /** Bytes that mean something to one of the formats. */
    private static final byte[] MARKS = {'}', ']', '(', '0', '9', '-', '"', 'R', 'c', (byte) 0x81};

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> damagedFiles() {
        return FILES.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
            byte[] original = Files.readAllBytes(e.getValue());
            int refused = 0;
            for (int seed = 0; seed < MUTATIONS; seed++) {
                byte[] damaged = damage(original, new Random(seed * 31L + original.length));
                refused += survives(damaged, seed) ? 0 : 1;
            }
            assertTrue(refused > MUTATIONS / 20, "refused " + refused + " of " + MUTATIONS);
        }));
    }

    private boolean survives(byte[] damaged, int seed) throws IOException {
        Path file = Files.write(folder.resolve("damaged-" + seed), damaged);
        try {
            assertTimeout(LIMIT, () -> readAll(file), "seed " + seed);
            return true;
        } catch (CheckpointException e) {
            return false;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError("seed " + seed + ": " + e, e);
        } finally {
            Files.delete(file);
        }
    }

    /** Everything that can be asked of a file. */
    private static void readAll(Path file) {
        if (Files.exists(file) && isJson(file)) {
            JsonConfig.read(file).getInts("block_out_channels");
            return;
        }
        try (SingleFile model = SingleFile.open(file)) {
            model.checkpoint().names().forEach(n -> model.checkpoint().tensor(n));
            for (String component : model.components()) {
                Checkpoint view = model.weights(component);
                view.names().forEach(view::tensor);
                try {
                    model.config(component);
                } catch (CheckpointException e) {
                    assertTrue(e.getMessage().contains("expected"), e.getMessage());
                }
            }
            model.prediction();
        }
    }

    private static boolean isJson(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return bytes.length > 0 && bytes[0] == '{';
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Up to four changes, more often where the structure is: at the beginning and at the end. */
    private static byte[] damage(byte[] original, Random random) {
        byte[] bytes = original.clone();
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 16; i--) {
            int at = place(bytes.length, random);
            switch (random.nextInt(8)) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(64));
                case 2 -> bytes[at] = (byte) random.nextInt(256);
                case 3 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 4 -> putInt(bytes, at, random);
                case 5 -> remove(bytes, at, random.nextInt(16));
                case 6 -> bytes[at] = MARKS[random.nextInt(MARKS.length)];
                default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(32)), (byte) at);
            }
        }
        return bytes;
    }

    private static int place(int length, Random random) {
        int window = Math.min(length, random.nextBoolean() ? 4096 : 256);
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(length);
            case 1 -> length - 1 - random.nextInt(window);
            default -> random.nextInt(window);
        };
    }

    private static void putInt(byte[] bytes, int at, Random random) {
        int[] values = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, bytes.length, random.nextInt()};
        if (at + 4 <= bytes.length) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, values[random.nextInt(values.length)]);
        }
    }

    /** Moves what follows to the left, so that everything behind is out of place. */
    private static void remove(byte[] bytes, int at, int count) {
        int n = Math.min(count, bytes.length - at);
        System.arraycopy(bytes, at + n, bytes, at, bytes.length - at - n);
    }
}
