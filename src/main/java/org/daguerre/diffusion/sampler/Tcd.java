package org.daguerre.diffusion.sampler;

import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/**
 * Strategic stochastic sampling of trajectory consistency models: Zheng et al. 2024, arXiv:2402.19159, algorithm 4.
 * {@code eta} is the paper's gamma: 0 deterministic, 1 like LCM.
 */
final class Tcd implements Solver {
    static final Scheme SCHEME = new Scheme("TCDScheduler", 1, Lcm.DEFAULTS, Grids::distilled, Tcd::new);

    private final Plan plan;
    private final double eta;

    Tcd(Plan plan) {
        this.plan = plan;
        eta = plan.config().number("eta");
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        int t = (int) s.timestep();
        boolean last = s.index() + 1 == plan.length();
        int next = last ? 0 : (int) plan.timestep(s.index() + 1);
        double a = plan.levels().signal(t);
        double aNext = plan.levels().signal(next);
        double aJump = plan.levels().signal((int) Math.floor((1 - eta) * next));
        Step.Estimate e = s.unscaled(x, Math.sqrt(a), Math.sqrt(1 - a), t);
        Mix clean = plan.clip().map(range -> Mix.of(s.clip(e.clean(), range))).orElse(e.clean());
        Mix jump = clean.times(Math.sqrt(aJump)).plus(Math.sqrt(1 - aJump), e.noise());
        if (eta == 0 || last) {
            return jump.eval(s.ops());
        }
        return jump.times(Math.sqrt(aNext / aJump)).plus(Math.sqrt(1 - aNext / aJump), s.draw(x)).eval(s.ops());
    }
}
