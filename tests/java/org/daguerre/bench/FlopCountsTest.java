package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.daguerre.SessionOptions;
import org.daguerre.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlopCountsTest {
    private static BenchSettings settings(Architecture architecture, int side) {
        SessionOptions options = SessionOptions.plain();
        return new BenchSettings(Optional.of(architecture), options, Optional.of(new Size(side, side)), 2, 0, 1, 1,
            true, false);
    }

    /**
     * As counted by hooks on the public implementations: convolutions, matrix products and attention of one guided
     * step. They project the prompt and the time in every step, we do once: up to one percent.
     */
    @ParameterizedTest
    @CsvSource({"SD15, 512, 1.607, 2.514", "SDXL, 1024, 13.52, 10.47"})
    void agreesWithPublishedCounts(Architecture architecture, int side, double step, double decode) {
        FlopCounts counts = FlopCounts.of(settings(architecture, side), new Size(side, side));
        assertEquals(1, counts.step() / 1e12 / step, 0.01, "step " + counts.step());
        assertEquals(1, counts.decode() / 1e12 / decode, 0.01, "decode " + counts.decode());
    }

    @Test
    void theAutoencoderAloneTakesTheSame() {
        BenchSettings alone = settings(Architecture.SD15_VAE, 512);
        assertEquals(1, AutoencoderRuns.decodeFlops(alone) / 2.514e12, 0.005);
    }

    @Test
    void listsTheWorkOfAModel() {
        List<Work> all = WorkList.of(settings(Architecture.SD15, 512), Optional.empty());
        assertTrue(all.contains(new Work.Attention(2, 4096, 4096, 8, 40, false)), all.toString());
        assertTrue(all.contains(new Work.Attention(2, 4096, 77, 8, 40, false)));
        assertTrue(all.stream().anyMatch(w -> w instanceof Work.Convolution c && c.c() == 320 && c.o() == 320
            && c.h() == 64));
        assertTrue(all.contains(new Work.Norm(false, 2, 4096, 320, 32)));
        List<Work> some = WorkList.of(settings(Architecture.SD15, 512), Optional.of("linear"));
        assertTrue(!some.isEmpty() && some.stream().allMatch(w -> w instanceof Work.Linear));
    }
}
