package org.daguerre.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.junit.jupiter.api.Test;

/** As many steps as there are training timesteps: refused where the schedule would begin above the noisiest one. */
class StepLimitTest {
    private static final SamplerConfig MODEL = SamplerConfig.stableDiffusion(Prediction.EPSILON);

    @Test
    void leadingSpacingWithAnOffsetHasNoRoomForAThousandSteps() {
        SamplerOptions ddim = SamplerOptions.named("ddim").withSpacing(Spacing.LEADING);
        String message = assertThrows(IllegalArgumentException.class, () -> Samplers.plan(MODEL, ddim, 1000)).getMessage();
        assertTrue(message.startsWith("steps: expected fewer than 1000"), message);
        assertEquals(999, Samplers.plan(MODEL, ddim, 999).timestep(0));
    }

    @Test
    void trailingSpacingTakesThemAll() {
        assertEquals(1000, Samplers.plan(MODEL, SamplerOptions.named("ddim").withSpacing(Spacing.TRAILING), 1000).count());
    }
}
