package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/** DPM-Solver++(2M): Lu et al. 2022, arXiv:2211.01095, algorithm 2, in k-diffusion's form on x0 + sigma eps. */
final class KDpmpp2m implements Solver {
    static final Scheme SCHEME = new Scheme("k_dpmpp_2m", 1, Map.of(), Grids::kDiffusion, KDpmpp2m::new);

    private final Plan plan;
    private Mix old;

    KDpmpp2m(Plan plan) {
        this.plan = plan;
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        Mix clean = s.scaled(x, s.sigma(), s.timestep()).clean();
        Mix d = clean;
        if (old != null && s.nextSigma() > 0) {
            double r = Math.log(plan.sigma(s.index() - 1) / s.sigma()) / Math.log(s.sigma() / s.nextSigma());
            d = clean.plus(1 / (2 * r), clean.minus(old));
        }
        old = clean;
        double ratio = s.nextSigma() / s.sigma();
        return Mix.zero().plus(ratio, x).plus(1 - ratio, d).eval(s.ops());
    }
}
