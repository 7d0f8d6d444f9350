package org.daguerre.fuzz;

import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fuzzing starts from and what it found, run as ordinary tests; and every seed cut short and with one byte changed. */
class CorpusTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int CHANGES = 8;

    @ParameterizedTest
    @EnumSource
    void everyInputEndsWell(FuzzTargets target) throws IOException {
        List<byte[]> seeds = target.seeds();
        assertTrue(seeds.size() >= 2, "seeds found: " + seeds.size());
        for (byte[] seed : seeds) {
            run(target, seed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void soDoTheirNeighbours(FuzzTargets target) throws IOException {
        Random random = new Random(1);
        for (byte[] seed : target.seeds()) {
            for (int i = 0; i < CHANGES && seed.length > 0; i++) {
                byte[] changed = i % 2 == 0 ? seed.clone() : Arrays.copyOf(seed, random.nextInt(seed.length));
                if (changed.length > 0) {
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                }
                run(target, changed);
            }
        }
    }

    private static void run(FuzzTargets target, byte[] input) {
        assertTimeout(LIMIT, () -> target.run(input), () -> target + " on " + input.length + " bytes");
    }
}
