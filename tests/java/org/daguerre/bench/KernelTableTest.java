package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.dialect.LayoutTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers behind docs/kernels.md. */
class KernelTableTest {
    private static final Path DRIVER = Path.of("target/native/launch_plan");

    /** Each layer runs once a step, so the weights of all recorded work are the weights of the file. */
    @ParameterizedTest
    @ValueSource(strings = {"sd15", "sdxl-base"})
    void everyWeightOfTheUnetWorksOnce(String model) {
        Networks.UNetParts unet = Networks.unet("", model, 2, 64);
        long file = LayoutTable.read(model + "-unet").diffusers().values().stream().filter(s -> s.rank() >= 2)
            .mapToLong(Shape::count).sum();
        assertEquals(file, weights(unet.step()) + weights(unet.once()));
    }

    @Test
    void everyWeightOfTheDecoderWorksOnce() {
        long file = LayoutTable.read("sd15-vae").diffusers().entrySet().stream()
            .filter(e -> e.getKey().startsWith("decoder.") || e.getKey().startsWith("post_quant_conv"))
            .map(Map.Entry::getValue).filter(s -> s.rank() >= 2).mapToLong(Shape::count).sum();
        assertEquals(file, weights(Networks.vaeDecode("", "sd15", 64)));
    }

    private static long weights(Networks.Part part) {
        return part.counts().entrySet().stream().mapToLong(e -> e.getValue() * weights(e.getKey())).sum();
    }

    private static long weights(Work work) {
        if (work instanceof Work.Convolution c) {
            return (long) c.o() * c.kh() * c.kw() * (c.c() + c.c2());
        }
        return work instanceof Work.Linear l ? (long) l.o() * l.k() : 0;
    }

    /** Worked out by hand. */
    @Test
    void operationsAndBytes() {
        Work conv = new Work.Convolution(2, 5, 7, 3, 1, 10, 14, 10, 14, 8, 3, 3, 1, 1, 1, true);
        assertEquals(2.0 * 280 * 8 * 36, conv.flops());
        assertEquals(2.0 * (70 * 4 + 8 * 36 + 2 * 280 * 8), conv.bytes());
        Work geglu = new Work.Linear(10, 4, 6, true, false);
        assertEquals(2.0 * 10 * 4 * 6, geglu.flops());
        assertEquals(2.0 * (40 + 24 + 30), geglu.bytes());
        Work attention = new Work.Attention(2, 10, 7, 3, 8, false);
        assertEquals(2.0 * 2 * 2 * 3 * 10 * 7 * 8, attention.flops());
        assertEquals(2.0 * 2 * 24 * (2 * 10 + 2 * 7), attention.bytes());
    }

    @Test
    void unetIsCountedLayerByLayer() {
        Map<Work, Integer> counts = Networks.unet("", "sd15", 2, 64).step().counts();
        Work convIn = new Work.Convolution(2, 64, 64, 4, 0, 64, 64, 64, 64, 320, 3, 3, 1, 1, 1, false);
        Work selfAttention = new Work.Attention(2, 4096, 4096, 8, 40, false);
        Work crossAttention = new Work.Attention(2, 4096, 77, 8, 40, false);
        assertEquals(1, counts.get(convIn));
        assertEquals(5, counts.get(selfAttention), "two transformers down, three up at the highest resolution");
        assertEquals(5, counts.get(crossAttention));
        assertEquals(32, counts.entrySet().stream().filter(e -> e.getKey() instanceof Work.Attention)
            .mapToInt(Map.Entry::getValue).sum());
    }

    @Test
    void textIsProjectedOnce() {
        Networks.UNetParts unet = Networks.unet("", "sd15", 2, 64);
        Map<Work, Integer> once = unet.once().counts();
        assertTrue(once.keySet().stream().anyMatch(w -> w instanceof Work.Linear l && l.rows() == 2 * 77
            && l.k() == 768), once.toString());
        assertFalse(unet.step().counts().keySet().stream()
            .anyMatch(w -> w instanceof Work.Linear l && l.rows() == 2 * 77));
    }

    /** Against the rules of the CUDA C++ Programming Guide, worked out by hand. */
    @Test
    void occupancyFollowsTheTightestResource() {
        assertEquals(16, Gpu.A100.blocksPerSm(128, 32, 0), "threads");
        assertEquals(2, Gpu.A100.blocksPerSm(128, 255, 0), "registers");
        assertEquals(1, Gpu.A100.blocksPerSm(256, 128, 96 * 1024), "shared memory: 164 KiB hold 97 KiB once");
        assertEquals(2, Gpu.H100.blocksPerSm(256, 128, 96 * 1024), "228 KiB hold it twice");
        assertEquals(24, Gpu.RTX_4090.blocksPerSm(32, 16, 0), "blocks");
    }

    @Test
    void launchersAnswer() {
        assumeTrue(Files.isExecutable(DRIVER), "the native tests were not built");
        Work split = new Work.Convolution(2, 8, 8, 1280, 0, 8, 8, 8, 8, 1280, 3, 3, 1, 1, 1, false);
        Work gather = new Work.Convolution(2, 64, 64, 4, 0, 64, 64, 64, 64, 320, 3, 3, 1, 1, 1, false);
        Work linear = new Work.Linear(8192, 320, 2560, true, false);
        Work attention = new Work.Attention(2, 4096, 4096, 8, 40, false);
        List<LaunchPlan> plans = LaunchPlan.of(DRIVER, List.of(split, gather, linear, attention));
        assertEquals(2, plans.get(0).launches().size(), "a split sum has a second phase");
        assertTrue(plans.get(0).splits(split) > 1);
        assertEquals(4L * plans.get(0).splits(split) * 128 * 1280, plans.get(0).workspace());
        assertTrue(plans.get(1).instance().endsWith("false>"), "four channels are gathered");
        assertTrue(plans.get(2).instance().startsWith("linear_kernel<__half, Tile<"));
        assertEquals(0, plans.get(2).workspace());
        assertTrue(plans.get(3).launches().get(0).blocks() >= 2 * 8, "at least one block per head");
    }
}
