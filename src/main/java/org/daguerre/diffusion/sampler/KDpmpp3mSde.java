package org.daguerre.diffusion.sampler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/** DPM-Solver++(3M) as a stochastic method: k-diffusion, after Lu et al. 2022, arXiv:2211.01095. */
final class KDpmpp3mSde implements Solver {
    static final Scheme SCHEME = new Scheme("k_dpmpp_3m_sde", 1, Map.of(), Grids::kDiffusion, KDpmpp3mSde::new);

    private final Plan plan;
    private final List<Mix> old = new ArrayList<>();

    KDpmpp3mSde(Plan plan) {
        this.plan = plan;
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        Mix clean = s.scaled(x, s.sigma(), s.timestep()).clean();
        if (s.nextSigma() == 0) {
            return clean.eval(s.ops());
        }
        double h = Math.log(s.sigma() / s.nextSigma());
        double z = 2 * h; // a step of h and noise worth another h
        double phi1 = -Math.expm1(-z);
        double phi2 = 1 - phi1 / z;
        Mix y = Mix.zero().plus(Math.exp(-z), x).plus(phi1, clean);
        if (!old.isEmpty()) {
            double r0 = Math.log(plan.sigma(s.index() - 1) / s.sigma()) / h;
            Mix d1 = clean.minus(old.get(0)).times(1 / r0);
            if (old.size() == 2) {
                double r1 = Math.log(plan.sigma(s.index() - 2) / plan.sigma(s.index() - 1)) / h;
                Mix d2 = d1.minus(old.get(0).minus(old.get(1)).times(1 / r1)).times(1 / (r0 + r1));
                y = y.plus(-(phi2 / z - 0.5), d2);
                d1 = d1.plus(r0, d2);
            }
            y = y.plus(phi2, d1);
        }
        old.add(0, clean);
        old.subList(Math.min(old.size(), 2), old.size()).clear();
        return y.plus(s.nextSigma() * Math.sqrt(phi1), s.brownian(x, s.sigma(), s.nextSigma())).eval(s.ops());
    }
}
