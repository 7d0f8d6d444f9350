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

/**
 * Linear multistep (Adams-Bashforth of order up to 4 on uneven steps) on dx/dsigma: k-diffusion, after
 * Liu et al. 2022, arXiv:2202.09778.
 */
final class Lms implements Solver {
    static final Scheme SCHEME = new Scheme("LMSDiscreteScheduler", 1, Map.of(), Grids::scaled,
        plan -> new Lms(plan, true));
    static final Scheme K_SCHEME = new Scheme("k_lms", 1, Map.of(), Grids::kDiffusion, plan -> new Lms(plan, false));
    private static final int ORDER = 4;

    private final double[] sigmas;
    private final boolean byPlace;
    private final List<Mix> slopes = new ArrayList<>();

    /**
     * @param byPlace whether the order follows the place in the schedule, as in diffusers, where a run that starts in
     *     the middle weighs slopes it does not have (as 0); otherwise it grows from 1 in every run
     */
    private Lms(Plan plan, boolean byPlace) {
        sigmas = plan.sigmas();
        this.byPlace = byPlace;
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        Step.Estimate e = s.scaled(x, s.sigma(), s.timestep());
        slopes.add(0, Mix.of(Mix.of(x).minus(e.clean()).times(1 / s.sigma()).eval(s.ops())));
        int order = Math.min(byPlace ? s.index() + 1 : slopes.size(), ORDER);
        Mix y = Mix.of(x);
        for (int j = 0; j < Math.min(order, slopes.size()); j++) {
            y = y.plus(coefficient(s.index(), order, j), slopes.get(j));
        }
        slopes.subList(Math.min(slopes.size(), ORDER - 1), slopes.size()).clear();
        return y.eval(s.ops());
    }

    /**
     * Integral over the step of the Lagrange polynomial for slope {@code j}; two Gauss points are exact to degree 3.
     */
    private double coefficient(int i, int order, int j) {
        double half = (sigmas[i + 1] - sigmas[i]) / 2;
        double middle = (sigmas[i + 1] + sigmas[i]) / 2;
        double offset = half / Math.sqrt(3);
        return half * (lagrange(middle - offset, i, order, j) + lagrange(middle + offset, i, order, j));
    }

    private double lagrange(double tau, int i, int order, int j) {
        double product = 1;
        for (int k = 0; k < order; k++) {
            product *= k == j ? 1 : (tau - sigmas[i - k]) / (sigmas[i - j] - sigmas[i - k]);
        }
        return product;
    }
}
