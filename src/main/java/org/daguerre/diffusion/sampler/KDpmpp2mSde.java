package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/**
 * DPM-Solver++(2M) as a stochastic method, midpoint or Heun form: k-diffusion, after Lu et al. 2022, arXiv:2211.01095.
 */
final class KDpmpp2mSde implements Solver {
    static final Scheme MIDPOINT = new Scheme("k_dpmpp_2m_sde", 1, Map.of(), Grids::kDiffusion,
        plan -> new KDpmpp2mSde(plan, false));
    static final Scheme HEUN = new Scheme("k_dpmpp_2m_sde_heun", 1, Map.of(), Grids::kDiffusion,
        plan -> new KDpmpp2mSde(plan, true));

    private final Plan plan;
    private final boolean heun;
    private Mix old;

    private KDpmpp2mSde(Plan plan, boolean heun) {
        this.plan = plan;
        this.heun = heun;
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        Mix clean = s.scaled(x, s.sigma(), s.timestep()).clean();
        if (s.nextSigma() == 0) {
            return clean.eval(s.ops());
        }
        double h = Math.log(s.sigma() / s.nextSigma());
        double phi1 = -Math.expm1(-2 * h); // a step of h and noise worth another h
        Mix y = Mix.zero().plus(Math.exp(-2 * h), x).plus(phi1, clean);
        if (old != null) {
            double r = Math.log(plan.sigma(s.index() - 1) / s.sigma()) / h;
            y = y.plus((heun ? 1 - phi1 / (2 * h) : phi1 / 2) / r, clean.minus(old));
        }
        old = clean;
        return y.plus(s.nextSigma() * Math.sqrt(phi1), s.brownian(x, s.sigma(), s.nextSigma())).eval(s.ops());
    }
}
