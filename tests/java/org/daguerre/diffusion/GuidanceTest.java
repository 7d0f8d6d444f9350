package org.daguerre.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Map;
import org.daguerre.diffusion.random.Rng;
import org.daguerre.diffusion.random.SeededNoise;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuidanceTest {
    private static final Shape SHAPE = Shape.of(1, 64, 64, 4);

    @Test
    void rowsNeeded() {
        assertEquals(Guidance.Rows.BOTH, Guidance.of(7).rowsAt(0.5));
        assertEquals(Guidance.Rows.CONDITIONAL, Guidance.of(1).rowsAt(0.5));
        assertEquals(Guidance.Rows.UNCONDITIONAL, Guidance.of(0).rowsAt(0.5));
    }

    @Test
    void interval() {
        Guidance g = Guidance.of(7).within(0.2, 0.8);
        double[] scales = new double[10];
        for (int step = 0; step < 10; step++) {
            scales[step] = g.scaleAt(step / 10.0);
        }
        assertArrayEquals(new double[] {1, 1, 7, 7, 7, 7, 7, 7, 1, 1}, scales);
        assertEquals(Guidance.Rows.CONDITIONAL, g.rowsAt(0));
        assertEquals(7, Guidance.of(7).scaleAt(0));
        assertEquals(7, Guidance.of(7).scaleAt(0.99));
        assertEquals(1, Guidance.of(7).within(0.5, 0.5).scaleAt(0.5), "an empty interval");
    }

    @Test
    void rejectsNonsense() {
        assertThrows(IllegalArgumentException.class, () -> Guidance.of(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Guidance.of(7).withRescale(1.5));
        assertThrows(IllegalArgumentException.class, () -> Guidance.of(7).within(0.8, 0.2));
    }

    /**
     * Classifier guidance on an analytic model: prior N(0, 1), observation y = x0 + N(0, r^2). With the exact gradient
     * the samples must be those of the posterior N(y / (1 + r^2), r^2 / (1 + r^2)).
     */
    @ParameterizedTest
    @CsvSource({"EPSILON, epsilon", "V, v_prediction", "SAMPLE, sample"})
    void classifierGuidanceSamplesThePosterior(Prediction prediction, String key) {
        double y = 2;
        double r2 = 0.5;
        NoiseLevels levels = NoiseLevels.stableDiffusion();
        // At x = alpha x0 + beta eps the posterior of x0 is N(alpha x, beta^2), since alpha^2 + beta^2 = 1.
        Predictor prior = (ops, x, t) -> {
            double sigma = levels.sigmaAt(t);
            double factor = switch (prediction) {
                case EPSILON -> Plan.beta(sigma);
                case V -> 0;
                case SAMPLE -> Plan.alpha(sigma);
            };
            return Mix.zero().plus(factor, x).eval(ops);
        };
        ClassifierGuidance.Gradient gradient = (ops, x, t) -> {
            double alpha = Plan.alpha(levels.sigmaAt(t));
            double variance = 1 - alpha * alpha + r2;
            float[] v = ops.download(x);
            for (int i = 0; i < v.length; i++) {
                v[i] = (float) ((y - alpha * v[i]) / variance * alpha);
            }
            return ops.upload(v, x.shape());
        };
        Predictor guided = new ClassifierGuidance(prior, prediction, levels, gradient, 1);
        SamplerConfig model = SamplerConfig.stableDiffusion(Prediction.EPSILON).withAll(Map.of("prediction_type", key));
        Plan plan = Samplers.plan(model, SamplerOptions.named("heun karras").withDialect(Dialect.K_DIFFUSION), 60);
        try (Ops ops = Ops.on(new ReferenceBackend())) {
            SeededNoise noise = new SeededNoise(Rng.PHILOX, 11, 1);
            // The run begins where the posterior's noised samples lie: its mean is small beside sigma, but not nothing.
            float[] mean0 = new float[64 * 64 * 4];
            Arrays.fill(mean0, (float) (y / (1 + r2)));
            Tensor start = plan.addNoise(ops, ops.upload(mean0, SHAPE), noise.draw(ops, SHAPE), 0);
            float[] samples = ops.download(new Sampling(plan, guided, noise).run(ops, start));
            double mean = 0;
            double square = 0;
            for (float v : samples) {
                mean += v / samples.length;
                square += (double) v * v / samples.length;
            }
            assertEquals(y / (1 + r2), mean, 0.02);
            assertEquals(r2 / (1 + r2), square - mean * mean, 0.02);
        }
    }
}
