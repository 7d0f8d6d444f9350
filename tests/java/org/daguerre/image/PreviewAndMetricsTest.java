package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class PreviewAndMetricsTest {
    @Test
    void previewIsALinearMapAroundGrey() {
        for (LatentPreview preview : LatentPreview.values()) {
            Image grey = preview.toImage(new float[4 * 6], 0, 2, 3);
            for (float v : grey.planes()) {
                assertEquals(0.5f, v);
            }
            float[] latents = new float[4 * 6];
            latents[2] = 1f;
            float one = preview.toImage(latents, 0, 2, 3).at(0, 0, 2);
            latents[2] = 2f;
            float two = preview.toImage(latents, 0, 2, 3).at(0, 0, 2);
            assertTrue(one > 0.5f);
            assertEquals(2 * (one - 0.5f), two - 0.5f, 1e-6);
        }
    }

    @Test
    void previewUsesThePublishedFactors() {
        float[] latents = {0, 9, 1, 0, 0, 0, -1, 0, 0};
        Image sd = LatentPreview.SD.toImage(latents, 1, 1, 2);
        assertEquals(1f, sd.at(0, 0, 0)); // 9 * 0.298, clamped
        assertEquals(0.5f + (0.207f - 0.189f) / 2, sd.at(1, 0, 1), 1e-6);
        Image xl = LatentPreview.SDXL.toImage(latents, 1, 1, 2);
        assertEquals(0.5f + (0.4549f + 0.0755f) / 2, xl.at(2, 0, 1), 1e-6);
        assertThrows(IllegalArgumentException.class, () -> LatentPreview.SD.toImage(latents, 2, 1, 2));
    }

    @Test
    void previewEnlarges() {
        BufferedImage image = LatentPreview.SDXL.render(new float[4 * 8 * 5], 8, 5, 8);
        assertEquals(40, image.getWidth());
        assertEquals(64, image.getHeight());
        assertEquals(0xff808080, image.getRGB(20, 20));
        float[] broken = new float[4];
        broken[1] = Float.NaN;
        assertThrows(IllegalArgumentException.class, () -> LatentPreview.SD.render(broken, 1, 1, 1));
    }

    @Test
    void metricsByHand() {
        float[] a = {1, 2, 3, 4};
        float[] b = {1, 2, 3, 2};
        assertEquals(0.5, Metrics.meanAbs(a, b));
        assertEquals(2, Metrics.maxAbs(a, b));
        assertEquals(2 / Math.sqrt(18), Metrics.relativeL2(a, b), 1e-12);
        assertEquals(20, Metrics.psnr(new float[] {0.1f, 0.3f}, new float[] {0.2f, 0.2f}, 1), 1e-5);
        assertEquals(Double.POSITIVE_INFINITY, Metrics.psnr(Reference.colors(), Reference.colors()));
        assertEquals(0, Metrics.relativeL2(new float[2], new float[2]));
        assertEquals(Double.POSITIVE_INFINITY, Metrics.relativeL2(new float[] {1}, new float[] {0}));
    }

    @Test
    void metricsRefuseNaNAndOtherSizes() {
        float[] good = {0, 1};
        for (float[] bad : new float[][] {{0, Float.NaN}, {Float.POSITIVE_INFINITY, 0}, {0}, {0, 1, 2}}) {
            assertThrows(IllegalArgumentException.class, () -> Metrics.meanAbs(good, bad));
            assertThrows(IllegalArgumentException.class, () -> Metrics.maxAbs(bad, good));
            assertThrows(IllegalArgumentException.class, () -> Metrics.relativeL2(good, bad));
            assertThrows(IllegalArgumentException.class, () -> Metrics.psnr(bad, good, 1));
        }
        assertThrows(IllegalArgumentException.class, () -> Metrics.psnr(Reference.colors(), Reference.pattern(0)));
    }
}
