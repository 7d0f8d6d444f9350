package org.daguerre.diffusion.sampler;

import java.util.Arrays;
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
 * The midpoint method in log(sigma), after DPM-Solver-2 (Lu et al. 2022, arXiv:2206.00927) and Karras et al. 2022,
 * algorithm 2: k-diffusion. In diffusers each of its two network calls counts as a step.
 */
final class Dpm2 implements Solver {
    static final Map<String, Object> DEFAULTS = Map.of("beta_start", 0.00085, "beta_end", 0.012);
    static final Scheme SCHEME = new Scheme("KDPM2DiscreteScheduler", 2, DEFAULTS,
        (scheme, config, levels, steps) -> plan(scheme, config, levels, steps, false), plan -> new Dpm2(plan, false));
    static final Scheme ANCESTRAL = new Scheme("KDPM2AncestralDiscreteScheduler", 2, DEFAULTS,
        (scheme, config, levels, steps) -> plan(scheme, config, levels, steps, true), plan -> new Dpm2(plan, true));
    static final Scheme K_SCHEME = new Scheme("k_dpm_2", 1, Map.of(), Grids::kDiffusion, plan -> (s, x) ->
        whole(s, x, false));
    static final Scheme K_ANCESTRAL = new Scheme("k_dpm_2_ancestral", 1, Map.of(), Grids::kDiffusion,
        plan -> (s, x) -> whole(s, x, true));

    private final double[] sigmas;
    private final boolean ancestral;
    private Tensor start;

    private Dpm2(Plan plan, boolean ancestral) {
        sigmas = plan.sigmas();
        this.ancestral = ancestral;
    }

    private static Plan plan(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps, boolean ancestral) {
        double[] s = Grids.scaledSigmas(config, levels, steps);
        double[] whole = Grids.scaledTimesteps(config, levels, steps, s);
        if (config.flag("use_karras_sigmas")) { // the class rounds these, and no others
            whole = Arrays.stream(whole).map(Math::rint).toArray();
        }
        double[] t = Grids.twice(whole);
        for (int k = 0; k + 1 < s.length; k++) {
            t[2 * k + 1] = levels.timestep(middle(s[k], s[k + 1], ancestral));
        }
        double[] sigmas = Arrays.copyOf(Grids.twice(s), 2 * s.length + 2); // zeros at the end
        return new Plan(scheme, config, levels, true, steps, t, sigmas);
    }

    private static double middle(double from, double to, boolean ancestral) {
        return Math.sqrt(from * (ancestral ? Ancestral.of(from, to).down() : to));
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        boolean first = s.index() % 2 == 0;
        double from = first ? s.sigma() : s.previousSigma();
        double to = first ? s.nextSigma() : s.sigma();
        double middle = middle(from, to, ancestral);
        double at = first ? from : middle;
        Mix d = Mix.of(x).minus(s.scaled(x, at, s.timestep()).clean()).times(1 / at);
        if (first) {
            start = x;
            return Mix.of(x).plus(middle - from, d).eval(s.ops());
        }
        return finish(s, start, d, from, to, ancestral);
    }

    private static Tensor finish(Step s, Tensor x, Mix d, double from, double to, boolean ancestral) {
        if (!ancestral) {
            return Mix.of(x).plus(to - from, d).eval(s.ops());
        }
        Ancestral split = Ancestral.of(from, to);
        return Mix.of(x).plus(split.down() - from, d).plus(split.up(), s.draw(x)).eval(s.ops());
    }

    private static Tensor whole(Step s, Tensor x, boolean ancestral) {
        double middle = middle(s.sigma(), s.nextSigma(), ancestral);
        Mix d = Mix.of(x).minus(s.scaled(x, s.sigma(), s.timestep()).clean()).times(1 / s.sigma());
        Tensor half = Mix.of(x).plus(middle - s.sigma(), d).eval(s.ops());
        if (s.nextSigma() == 0) {
            return half; // the middle is 0 as well
        }
        Mix d2 = Mix.of(half).minus(s.denoise(half, middle).clean()).times(1 / middle);
        return finish(s, x, d2, s.sigma(), s.nextSigma(), ancestral);
    }
}
