package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/** DDPM, ancestral sampling of the reverse chain: Ho et al. 2020, arXiv:2006.11239, equations 6, 7 and algorithm 2. */
final class Ddpm implements Solver {
    static final Scheme SCHEME = new Scheme("DDPMScheduler", 1, Map.of("timestep_spacing", "leading",
        "clip_sample", true, "variance_type", "fixed_small"), Grids::trained, Ddpm::new);

    private final Plan plan;
    private final boolean large;

    Ddpm(Plan plan) {
        this.plan = plan;
        String variance = plan.config().text("variance_type");
        large = variance.equals("fixed_large");
        if (!large && !variance.equals("fixed_small")) {
            throw new IllegalArgumentException("variance_type: expected fixed_small or fixed_large, found " + variance);
        }
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        int t = (int) s.timestep();
        double a = plan.levels().signal(t);
        double aNext = s.index() + 1 < plan.length() ? plan.levels().signal((int) plan.timestep(s.index() + 1)) : 1;
        double alpha = (float) (a / aNext); // PyTorch's float32 shows here, where 1 - alpha is small
        Step.Estimate e = s.unscaled(x, Math.sqrt(a), Math.sqrt(1 - a), t);
        Mix clean = plan.clip().map(range -> Mix.of(s.clip(e.clean(), range))).orElse(e.clean());
        Mix mean = clean.times(Math.sqrt(aNext) * (1 - alpha) / (1 - a))
            .plus(Math.sqrt(alpha) * (1 - aNext) / (1 - a), x);
        double variance = large ? 1 - alpha : Math.max((1 - aNext) / (1 - a) * (1 - alpha), 1e-20);
        return (t > 0 ? mean.plus(Math.sqrt(variance), s.draw(x)) : mean).eval(s.ops());
    }
}
