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
 * DPM-Solver++ as a stochastic second-order method whose two parts of a step share one Brownian path: Lu et al. 2022,
 * arXiv:2211.01095, in k-diffusion's form. In diffusers each of its two network calls counts as a step.
 */
final class DpmppSde implements Solver {
    static final Scheme SCHEME = new Scheme("DPMSolverSDEScheduler", 2, Dpm2.DEFAULTS, DpmppSde::plan, plan ->
        new DpmppSde());
    static final Scheme K_SCHEME = new Scheme("k_dpmpp_sde", 1, Map.of(), Grids::kDiffusion, plan -> DpmppSde::whole);

    private Tensor start;

    private static Plan plan(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        double[] s = Grids.scaledSigmas(config, levels, steps);
        double[] t = Grids.twice(Grids.scaledTimesteps(config, levels, steps, s));
        for (int k = 0; k + 1 < s.length; k++) {
            t[2 * k + 1] = levels.timestep(Math.sqrt(s[k] * s[k + 1]));
        }
        return new Plan(scheme, config, levels, true, steps, t, Grids.end(Grids.twice(s), 0));
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        boolean first = s.index() % 2 == 0;
        if (first && s.nextSigma() == 0) {
            return s.scaled(x, s.sigma(), s.timestep()).clean().eval(s.ops());
        }
        double from = first ? s.sigma() : s.previousSigma();
        double to = first ? s.nextSigma() : s.sigma();
        double middle = Math.sqrt(from * to);
        if (first) {
            start = x;
            return part(s, x, s.scaled(x, from, s.timestep()).clean(), from, middle);
        }
        return part(s, start, s.scaled(x, middle, s.timestep()).clean(), from, to);
    }

    private static Tensor whole(Step s, Tensor x) {
        Mix clean = s.scaled(x, s.sigma(), s.timestep()).clean();
        if (s.nextSigma() == 0) {
            return clean.eval(s.ops());
        }
        double middle = Math.sqrt(s.sigma() * s.nextSigma());
        Tensor half = part(s, x, clean, s.sigma(), middle);
        return part(s, x, s.denoise(half, middle).clean(), s.sigma(), s.nextSigma());
    }

    /** The exact step down for a constant {@code clean}, and the noise that takes it up to {@code to}. */
    private static Tensor part(Step s, Tensor x, Mix clean, double from, double to) {
        Ancestral split = Ancestral.of(from, to);
        double ratio = split.down() / from;
        return Mix.zero().plus(ratio, x).plus(1 - ratio, clean).plus(split.up(), s.brownian(x, from, to)).eval(s.ops());
    }
}
