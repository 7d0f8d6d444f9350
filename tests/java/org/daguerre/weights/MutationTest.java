package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.daguerre.fuzz.AdapterTarget;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.testing.Damage;
import org.daguerre.text.ClipTokenizer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real files of every format with random damage, 1000 of each: each is read to the end, or is refused with a {@link
 * CheckpointException} (an adapter also with an IllegalArgumentException). Anything else fails, such as an exception of the
 * language, more than ten seconds, or more memory than the file's size justifies. {@code -Ddaguerre.mutations=N} for more.
 */
class MutationTest {
    private static final int MUTATIONS = Integer.getInteger("daguerre.mutations", 1000);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Reading may take this many bytes, and this many times the size of the file; the tiny files set the first. */
    private static final long FREE_BYTES = 24L << 20;
    private static final int TIMES_SIZE = 16;
    private static final Path MODELS = Path.of("tests/fixtures/models");
    private static final Path ADAPTERS = Path.of("tests/fixtures/adapters");
    private static final Map<String, Path> FILES = Map.ofEntries(
        Map.entry("safetensors", MODELS.resolve("tiny-taesd/original_taesd_encoder.safetensors")),
        Map.entry("model in safetensors", MODELS.resolve("tiny-sd2v.safetensors")),
        Map.entry("torch zip", MODELS.resolve("tiny-esrgan/x4.pth")),
        Map.entry("torch zip with other names", MODELS.resolve("tiny-esrgan/x4_old_names.pth")),
        Map.entry("model in torch zip", MODELS.resolve("tiny-sd1.ckpt")),
        Map.entry("LoRA of kohya", ADAPTERS.resolve("lora_sdxl_kohya.safetensors")),
        Map.entry("LoRA of PEFT", ADAPTERS.resolve("lora_sd1_peft.safetensors")),
        Map.entry("embedding for SDXL", ADAPTERS.resolve("ti_sdxl.safetensors")),
        Map.entry("embedding of A1111", ADAPTERS.resolve("ti_sd1_a1111.pt")),
        Map.entry("embedding of diffusers", ADAPTERS.resolve("ti_sd1_diffusers.bin")),
        Map.entry("embedding in torch legacy", ADAPTERS.resolve("ti_sd1_paramdict_legacy.pt")),
        Map.entry("hypernetwork", ADAPTERS.resolve("hypernetwork_b.pt")),
        Map.entry("hypernetwork with old names", ADAPTERS.resolve("hypernetwork_a_old.pt")),
        Map.entry("configuration", MODELS.resolve("tiny-sdxl/unet/config.json")),
        Map.entry("scheduler's configuration", MODELS.resolve("tiny-sdxl/scheduler/scheduler_config.json")));

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> damagedFiles() {
        return FILES.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
            byte[] original = Files.readAllBytes(e.getValue());
            boolean adapter = e.getValue().startsWith(ADAPTERS);
            mutate(original, damaged -> {
                Path file = Files.write(folder.resolve("damaged"), damaged);
                if (adapter) {
                    AdapterTarget.fuzzerTestOneInput(damaged);
                }
                readAll(file);
            });
        }));
    }

    /** The files of a tokenizer, damaged one at a time; its configuration is read where there is no map of special tokens. */
    @TestFactory
    Stream<DynamicTest> damagedTokenizers() {
        Path tokenizer = MODELS.resolve("tiny-sd1/tokenizer");
        return Stream.of("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json").map(name ->
            DynamicTest.dynamicTest(name, () -> {
                Path copy = Files.createTempDirectory(folder, "tokenizer");
                for (String other : List.of("vocab.json", "merges.txt", name)) {
                    Files.copy(tokenizer.resolve(other), copy.resolve(other), StandardCopyOption.REPLACE_EXISTING);
                }
                mutate(Files.readAllBytes(tokenizer.resolve(name)), damaged -> {
                    Files.write(copy.resolve(name), damaged);
                    ClipTokenizer.load(copy).encode("a cat");
                });
            }));
    }

    @Test
    void damagedIndexOfShards() throws Exception {
        SafetensorsWriter.write(folder.resolve("s-1.safetensors"), List.of(HostTensor.of("x", Shape.of(2), new float[2])), Map.of());
        SafetensorsWriter.write(folder.resolve("s-2.safetensors"), List.of(HostTensor.of("y", Shape.of(3), new float[3])), Map.of());
        String index = "{\"metadata\": {\"total_size\": 20}, \"weight_map\": {\"x\": \"s-1.safetensors\", \"y\": \"s-2.safetensors\"}}";
        mutate(index.getBytes(StandardCharsets.UTF_8), damaged -> {
            try (Checkpoint all = Checkpoints.open(Files.write(folder.resolve("s.index.json"), damaged))) {
                all.names().forEach(all::tensor);
            }
        });
    }

    /** What is done with a damaged file. */
    private interface Reading {
        void read(byte[] damaged) throws Exception;
    }

    private static void mutate(byte[] original, Reading reading) throws Exception {
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            byte[] damaged = Damage.of(original, new Random(seed * 31L + original.length));
            refused += survives(damaged, reading, "seed " + seed) ? 0 : 1;
        }
        assertTrue(refused > MUTATIONS / 100, "refused " + refused + " of " + MUTATIONS);
    }

    private static boolean survives(byte[] damaged, Reading reading, String seed) {
        long before = allocated();
        try {
            assertTimeout(LIMIT, () -> reading.read(damaged), seed);
            return true;
        } catch (CheckpointException e) {
            return false;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError(seed + ": " + e, e);
        } finally {
            long bytes = allocated() - before;
            assertTrue(bytes <= FREE_BYTES + (long) TIMES_SIZE * damaged.length, seed + ": " + bytes + " bytes allocated for a file of "
                + damaged.length);
        }
    }

    /** By this thread on the heap since it began, and now in direct buffers. */
    private static long allocated() {
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(b -> b.getName().equals("direct")).mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
        return direct + ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    /** Everything that can be asked of a file. */
    private static void readAll(Path file) {
        if (Files.exists(file) && isJson(file)) {
            JsonConfig.read(file).toJson();
            JsonConfig.read(file).getInts("block_out_channels", 1);
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
}
