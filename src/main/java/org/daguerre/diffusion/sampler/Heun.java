package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.NoiseLevels;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/**
 * Heun's second-order method: Karras et al. 2022, arXiv:2206.00364, algorithm 1 without churn. In diffusers each of its
 * two network calls counts as a step.
 */
final class Heun implements Solver {
    static final Scheme SCHEME = new Scheme("HeunDiscreteScheduler", 2,
        Map.of("beta_start", 0.00085, "beta_end", 0.012),
        Heun::plan, plan -> new Heun());
    static final Scheme K_SCHEME = new Scheme("k_heun", 1, Map.of(), Grids::kDiffusion, plan -> Heun::whole);

    private Tensor start;
    private Mix slope;

    private static Plan plan(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        double[] sigmas = Grids.scaledSigmas(config, levels, steps);
        double[] t = Grids.scaledTimesteps(config, levels, steps, sigmas);
        return new Plan(scheme, config, levels, true, steps, Grids.twice(t), Grids.end(Grids.twice(sigmas), 0));
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        Step.Estimate e = s.scaled(x, s.sigma(), s.timestep());
        Mix d = Mix.of(x).minus(e.clean()).times(1 / s.sigma());
        if (s.index() % 2 == 0) {
            start = x;
            slope = d;
            return Mix.of(x).plus(s.nextSigma() - s.sigma(), d).eval(s.ops());
        }
        double from = s.previousSigma();
        return Mix.of(start).plus((s.sigma() - from) / 2, slope.plus(d)).eval(s.ops());
    }

    private static Tensor whole(Step s, Tensor x) {
        double dt = s.nextSigma() - s.sigma();
        Mix d = Mix.of(x).minus(s.scaled(x, s.sigma(), s.timestep()).clean()).times(1 / s.sigma());
        Tensor euler = Mix.of(x).plus(dt, d).eval(s.ops());
        if (s.nextSigma() == 0) {
            return euler;
        }
        Mix d2 = Mix.of(euler).minus(s.denoise(euler, s.nextSigma()).clean()).times(1 / s.nextSigma());
        return Mix.of(x).plus(dt / 2, d.plus(d2)).eval(s.ops());
    }
}
