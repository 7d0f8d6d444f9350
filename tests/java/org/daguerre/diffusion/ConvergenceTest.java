package org.daguerre.diffusion;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Order of convergence on data N(0, 1), where the best denoiser is x / (1 + sigma^2) and the exact path is x(sigma) =
 * x(max) sqrt((1 + sigma^2) / (1 + max^2)): doubling the steps divides the error by 2 for first-order methods and by 4
 * for second-order ones. Compared at the lowest noise level, before the step to 0.
 */
class ConvergenceTest {
    private static final float START = 10;

    @ParameterizedTest
    @CsvSource({"euler, K_DIFFUSION, 1", "heun, K_DIFFUSION, 2", "dpm2, K_DIFFUSION, 2", "dpm++ 2m, K_DIFFUSION, 2",
        "euler, DIFFUSERS, 1", "heun, DIFFUSERS, 2", "dpm2, DIFFUSERS, 2"})
    void error(String sampler, Dialect dialect, int order) {
        double coarse = errorAt(sampler, dialect, 40);
        double fine = errorAt(sampler, dialect, 80);
        double finest = errorAt(sampler, dialect, 160);
        double expected = Math.pow(2, order);
        assertTrue(Math.abs(coarse / fine / expected - 1) <= 0.25,
            sampler + ": 40 to 80 steps divide the error by " + coarse / fine);
        assertTrue(Math.abs(fine / finest / expected - 1) <= 0.15,
            sampler + ": 80 to 160 steps divide the error by " + fine / finest);
    }

    private static double errorAt(String sampler, Dialect dialect, int steps) {
        SamplerConfig model = SamplerConfig.stableDiffusion(Prediction.SAMPLE)
            .withAll(Map.of("prediction_type", "sample"));
        Plan plan = Samplers.plan(model, SamplerOptions.named(sampler).withSchedule("karras").withDialect(dialect),
            steps);
        try (Ops ops = Ops.on(new ReferenceBackend())) {
            float[] atMin = new float[1];
            // Input x / sqrt(1 + sigma^2), best estimate x / (1 + sigma^2); exact in the timestep's own noise level.
            Predictor best = (o, input, t) -> Mix.zero().plus(Plan.alpha(plan.levels().sigmaAt(t)), input).eval(o);
            StepListener beforeLast = e -> {
                if (e.index() == e.count() - 2) {
                    atMin[0] = e.ops().download(e.latents())[0];
                }
                return true;
            };
            Tensor x = ops.upload(new float[] {START}, Shape.of(1, 1, 1, 1));
            new Sampling(plan, best, null, StepHook.NONE, beforeLast).run(ops, x);
            double max = plan.levels().maxSigma();
            double min = plan.levels().minSigma();
            double exact = START * Math.sqrt((1 + min * min) / (1 + max * max));
            return Math.abs(atMin[0] - exact);
        }
    }
}
