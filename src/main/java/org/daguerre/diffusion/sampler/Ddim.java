package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.NoiseLevels;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/**
 * DDIM: Song et al. 2021, arXiv:2010.02502, equation 12. {@code eta} 0 is deterministic, 1 as noisy as DDPM.
 */
final class Ddim implements Solver {
    static final Scheme SCHEME = new Scheme("DDIMScheduler", 1, Map.of("timestep_spacing", "leading",
        "clip_sample", true, "set_alpha_to_one", true, "eta", 0.0), Grids::trained, Ddim::new);

    private final Plan plan;
    private final NoiseLevels levels;
    private final double finalSignal;
    private final double eta;

    Ddim(Plan plan) {
        this.plan = plan;
        levels = plan.levels();
        finalSignal = plan.config().flag("set_alpha_to_one") ? 1 : levels.signal(0);
        eta = plan.config().number("eta");
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        int t = (int) s.timestep();
        int next = t - levels.count() / plan.requestedSteps();
        double a = levels.signal(t);
        double aNext = next >= 0 ? levels.signal(next) : finalSignal;
        Step.Estimate e = s.unscaled(x, Math.sqrt(a), Math.sqrt(1 - a), t);
        Mix clean = plan.clip().map(range -> Mix.of(s.clip(e.clean(), range))).orElse(e.clean());
        double std = eta * Math.sqrt((1 - aNext) / (1 - a) * (1 - a / aNext));
        Mix y = clean.times(Math.sqrt(aNext)).plus(Math.sqrt(1 - aNext - std * std), e.noise());
        return (eta > 0 ? y.plus(std, s.draw(x)) : y).eval(s.ops());
    }
}
