package org.daguerre.diffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.daguerre.diffusion.NoiseLevels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulesTest {
    private final NoiseLevels levels = NoiseLevels.stableDiffusion();

    private double[] sigmas(String name, int steps) {
        return Schedules.find(name).sigmas(steps, levels, levels.minSigma(), levels.maxSigma());
    }

    @Test
    void publishedKarras() {
        assertArrayEquals(new double[] {14.6146, 9.1029, 5.4784, 3.1686, 1.7494, 0.9141, 0.4469, 0.2014, 0.0819,
            0.0292},
            sigmas("karras", 10), 5.1e-5);
    }

    @Test
    void publishedLinspace() {
        // linspace spacing and k-diffusion's uniform schedule agree to the digits published
        assertArrayEquals(new double[] {14.6146, 7.8399, 4.6092, 2.9183, 1.9502, 1.3449, 0.9324, 0.6250, 0.3687,
            0.0292},
            sigmas("normal", 10), 5.1e-5);
    }

    @Test
    void publishedAlignYourSteps() {
        assertArrayEquals(new double[] {14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152},
            sigmas("ays", 10));
        assertArrayEquals(new double[] {14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113},
            sigmas("ays_sdxl", 10));
        assertEquals(0.029, sigmas("ays_a1111", 11)[10], 1e-12);
        assertEquals(0.029, sigmas("ays_a1111_sdxl", 20)[19], 1e-12);
        double[] twenty = sigmas("ays", 20);
        assertEquals(6.475, twenty[2], 1e-9, "every second of 20 is one of 10");
        assertEquals(Math.sqrt(14.615 * 6.475), twenty[1], 1e-9, "the others lie between in log");
    }

    @Test
    void sgmUniformStopsShort() {
        double[] s = sigmas("sgm_uniform", 10);
        assertEquals(levels.maxSigma(), s[0], 1e-6);
        assertEquals(99.9, levels.timestep(s[9]), 1e-6);
    }

    @Test
    void simpleAndDdimUniformPickTrainedLevels() {
        double[] simple = sigmas("simple", 10);
        assertEquals(levels.sigma(999), simple[0]);
        assertEquals(levels.sigma(99), simple[9]);
        double[] ddim = sigmas("ddim_uniform", 10);
        assertEquals(levels.sigma(901), ddim[0]);
        assertEquals(levels.sigma(1), ddim[9]);
        assertEquals(31, sigmas("ddim_uniform", 30).length,
            "1000 / 30 rounded down fits once more, as in the originals");
    }

    @Test
    void betaQuantiles() {
        assertEquals(0, Beta.quantile(0));
        assertEquals(0.5, Beta.quantile(0.5), 1e-14);
        assertEquals(1, Beta.quantile(1));
        for (double p : new double[] {1e-6, 0.01, 0.1, 0.3, 0.49}) {
            assertEquals(p, Beta.distribution(Beta.quantile(p)), 1e-14);
            assertEquals(1 - Beta.quantile(p), Beta.quantile(1 - p), 1e-12);
        }
        // I_x(0.6, 0.6) by the midpoint rule in u = t^0.6, where the integrand has no pole
        double x = 0.3;
        double integral = 0;
        int n = 100_000;
        double top = Math.pow(x, 0.6);
        double half = Math.pow(0.5, 0.6);
        double whole = 0;
        for (int i = 0; i < n; i++) {
            integral += Math.pow(1 - Math.pow((i + 0.5) * top / n, 1 / 0.6), -0.4) * top / n;
            whole += Math.pow(1 - Math.pow((i + 0.5) * half / n, 1 / 0.6), -0.4) * half / n;
        }
        assertEquals(integral / (2 * whole), Beta.distribution(x), 1e-8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 20, 50, 150})
    void allFallWithinTheTrainedRange(int steps) {
        for (String name : Schedules.names()) {
            double[] s = sigmas(name, steps);
            assertTrue(s.length >= steps, name);
            for (int i = 0; i < s.length; i++) {
                assertTrue(s[i] > 0.0285 && s[i] <= levels.maxSigma() * 1.0001, name + " " + Arrays.toString(s));
                assertTrue(i == 0 || s[i] < s[i - 1], name + " falls: " + Arrays.toString(s));
            }
        }
    }

    @Test
    void names() {
        assertEquals("sgm_uniform", Schedules.canonical("SGM Uniform"));
        assertEquals("ddim_uniform", Schedules.canonical("ddim-uniform"));
        assertEquals("ays", Schedules.canonical("Align Your Steps"));
        String message = assertThrows(IllegalArgumentException.class, () -> Schedules.find("nonsense")).getMessage();
        assertTrue(message.contains("karras") && message.contains("nonsense"), message);
    }
}
