package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/** Euler's method on dx/dsigma = (x - x0) / sigma: Karras et al. 2022, arXiv:2206.00364, algorithm 2 without churn. */
final class Euler implements Solver {
    static final Scheme SCHEME = new Scheme("EulerDiscreteScheduler", 1, Map.of(), Grids::scaled, Euler::new);
    static final Scheme K_SCHEME = new Scheme("k_euler", 1, Map.of(), Grids::kDiffusion, Euler::new);

    Euler(Plan plan) {}

    @Override
    public Tensor step(Step s, Tensor x) {
        Step.Estimate e = s.scaled(x, s.sigma(), s.timestep());
        return Mix.of(x).plus((s.nextSigma() - s.sigma()) / s.sigma(), Mix.of(x).minus(e.clean())).eval(s.ops());
    }
}
