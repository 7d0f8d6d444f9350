package org.daguerre.fullsize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.daguerre.backend.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Models as large as the published ones, with random weights: each single file is recognised without hints, loads
 * completely, and makes a picture on the {@code cpu} engine within a bound of resident memory. Needs 7 GB of disk below
 * {@code target}. Run with {@code mvn verify -Pslow -Dtest=FullSizeTest}.
 */
@Tag("slow")
class FullSizeTest {
    private static final Path FOLDER = Path.of("target/fullsize");
    private static final long GB = 1_000_000_000L;

    @BeforeAll
    static void engine() {
        assumeTrue(Engines.list().stream().anyMatch(e -> e.name().equals("cpu") && e.available()),
            "the cpu engine was not built");
        assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "resident memory is read from Linux's /proc");
    }

    private static PictureProcess.Found make(String name, List<String> layouts, int side, int steps, boolean start)
        throws Exception {
        Files.createDirectories(FOLDER);
        Path file = FOLDER.resolve(name + ".safetensors");
        try {
            RandomCheckpointFile.write(file, layouts);
            PictureProcess.Found found = PictureProcess.run(file, side, steps, start);
            assertEquals(side, found.width());
            assertEquals(side, found.height());
            assertTrue(found.finite(), "finite values");
            assertTrue(found.spread() > 0.05, "a picture with contents, spread " + found.spread());
            assertEquals(start ? 1 : steps, found.steps());
            return found;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void assertBelow(long limit, PictureProcess.Found found) {
        assertTrue(found.peak() < limit, "peak resident memory: expected below " + limit + " bytes, found "
            + found.peak());
    }

    @Test
    void sd15() throws Exception {
        PictureProcess.Found found = make("sd15", List.of("sd15-unet", "sd15-vae", "sd15-text_encoder"), 512, 2, false);
        assertEquals("Stable Diffusion 1", found.family());
        assertBelow(5 * GB, found);
    }

    @Test
    void sd21() throws Exception {
        PictureProcess.Found found = make("sd21", List.of("sd21-unet", "sd21-vae", "sd21-text_encoder"), 512, 1, false);
        assertEquals("Stable Diffusion 2", found.family());
        assertBelow(24 * GB, found);
    }

    @Test
    void sdxl() throws Exception {
        PictureProcess.Found found = make("sdxl", List.of("sdxl-base-unet", "sdxl-base-vae", "sdxl-base-text_encoder",
            "sdxl-base-text_encoder_2"), 1024, 1, false);
        assertEquals("Stable Diffusion XL", found.family());
        assertBelow(24 * GB, found);
    }

    /** The refiner finishes pictures, so it gets a grey one and takes the last of four steps. */
    @Test
    void refiner() throws Exception {
        PictureProcess.Found found = make("refiner", List.of("sdxl-refiner-unet", "sdxl-refiner-vae",
            "sdxl-refiner-text_encoder_2"), 1024, 4, true);
        assertEquals("Stable Diffusion XL refiner", found.family());
        assertBelow(24 * GB, found);
    }
}
