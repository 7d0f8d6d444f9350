package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/** Multistep consistency sampling of latent consistency models: Luo et al. 2023, arXiv:2310.04378, algorithm 3. */
final class Lcm implements Solver {
    static final Map<String, Object> DEFAULTS = Map.of("beta_start", 0.00085, "beta_end", 0.012,
        "beta_schedule", "scaled_linear", "original_inference_steps", 50, "set_alpha_to_one", true,
        "timestep_scaling", 10.0, "timestep_spacing", "leading", "eta", 0.3);
    static final Scheme SCHEME = new Scheme("LCMScheduler", 1, DEFAULTS, Grids::distilled, Lcm::new);
    private static final double DATA_STD = 0.5;

    private final Plan plan;

    Lcm(Plan plan) {
        this.plan = plan;
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        int t = (int) s.timestep();
        double a = plan.levels().signal(t);
        Step.Estimate e = s.unscaled(x, Math.sqrt(a), Math.sqrt(1 - a), t);
        Mix clean = plan.clip().map(range -> Mix.of(s.clip(e.clean(), range))).orElse(e.clean());
        double time = t * plan.config().number("timestep_scaling");
        double norm = time * time + DATA_STD * DATA_STD;
        Mix denoised = clean.times(time / Math.sqrt(norm)).plus(DATA_STD * DATA_STD / norm, x);
        if (s.index() + 1 == plan.length()) {
            return denoised.eval(s.ops());
        }
        double aNext = plan.levels().signal((int) plan.timestep(s.index() + 1));
        return denoised.times(Math.sqrt(aNext)).plus(Math.sqrt(1 - aNext), s.draw(x)).eval(s.ops());
    }
}
