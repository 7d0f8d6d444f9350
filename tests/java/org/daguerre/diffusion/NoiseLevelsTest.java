package org.daguerre.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NoiseLevelsTest {
    private final NoiseLevels levels = NoiseLevels.stableDiffusion();

    @Test
    void matchesPyTorchsTables() {
        Golden golden = new Golden();
        float[] signal = golden.values("alphas_cumprod");
        float[] zero = golden.values("alphas_cumprod_zsnr");
        float[] sigmas = golden.values("sigmas_train");
        NoiseLevels zsnr = levels.zeroTerminalSnr();
        for (int t = 0; t < 1000; t++) {
            assertEquals(signal[t], levels.signal(t), 1.2e-7 * signal[t], "signal at " + t);
            assertEquals(sigmas[t], levels.sigma(t), 1e-6 * sigmas[t], "sigma at " + t);
            assertEquals(zero[t], zsnr.signal(t), 1e-6 * zero[t] + 1e-12, "zero-SNR signal at " + t);
        }
        assertEquals(0, zsnr.signal(999));
        assertEquals(4096, zsnr.sigma(999), 0.01);
    }

    @Test
    void publishedValues() {
        assertEquals(0.99914998, levels.signal(0), 1e-8);
        assertEquals(0.27633247, levels.signal(500), 1e-8);
        assertEquals(0.0046601, levels.signal(999), 1e-7);
        assertEquals(0.0291675, levels.minSigma(), 1e-7);
        assertEquals(14.614647, levels.maxSigma(), 1e-6);
    }

    @Test
    void timestepsAndSigmasAreInverse() {
        for (double t = 0; t <= 999; t += 0.37) {
            assertEquals(t, levels.timestep(levels.sigmaAt(t)), 1e-9);
        }
        assertEquals(0, levels.timestep(1e-5));
        assertEquals(999, levels.timestep(1e5));
        assertEquals((levels.sigma(3) + levels.sigma(4)) / 2, levels.sigmaLinear(3.5), 1e-12);
        assertEquals(Math.sqrt(levels.sigma(3) * levels.sigma(4)), levels.sigmaAt(3.5), 1e-8);
    }

    @Test
    void otherBetaSchedules() {
        NoiseLevels cosine = NoiseLevels.of(new SamplerConfig("", Map.of("beta_schedule", "squaredcos_cap_v2"))
            .withDefaults("", Map.of()));
        double half = Math.cos(0.508 / 1.008 * Math.PI / 2) / Math.cos(0.008 / 1.008 * Math.PI / 2);
        assertEquals(half * half, cosine.signal(499), 1e-4);
        NoiseLevels trained = NoiseLevels.of(new SamplerConfig("", Map.of("trained_betas", List.of(0.1, 0.2)))
            .withDefaults("", Map.of()));
        assertEquals(0.72, trained.signal(1), 1e-7);
        assertEquals(2, trained.count());
    }

    @Test
    void rejectsImpossibleBetas() {
        assertThrows(IllegalArgumentException.class, () -> NoiseLevels.ofBetas(new float[] {0.1f, Float.NaN}));
        assertThrows(IllegalArgumentException.class, () -> NoiseLevels.ofBetas(new float[] {0.1f, 1.5f}));
        String message = assertThrows(IllegalArgumentException.class, () -> NoiseLevels.of(
            new SamplerConfig("X", Map.of("beta_schedule", "sigmoid")).withDefaults("X", Map.of()))).getMessage();
        assertTrue(message.contains("sigmoid"), message);
    }
}
