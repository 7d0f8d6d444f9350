package org.daguerre.diffusion.sampler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/**
 * DPM-Solver and DPM-Solver++ with the outputs of earlier steps, orders 1 to 3, deterministic or stochastic: Lu et al.
 * 2022, arXiv:2206.00927 and arXiv:2211.01095. "DPM++ 2M", "2M SDE" and "3M SDE" of diffusers.
 */
final class DpmppMultistep implements Solver {
    static final Scheme SCHEME = new Scheme("DPMSolverMultistepScheduler", 1, Map.of("solver_order", 2,
        "algorithm_type", "dpmsolver++", "solver_type", "midpoint", "lower_order_final", true, "euler_at_final", false),
        Grids::multistep, DpmppMultistep::new);

    private final Plan plan;
    private final DpmUpdate update;
    private final List<Mix> outputs = new ArrayList<>();
    private int warm;

    DpmppMultistep(Plan plan) {
        this.plan = plan;
        update = new DpmUpdate(plan.config(), true);
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        double sigma = s.sigma();
        Step.Estimate e = s.unscaled(x, Plan.alpha(sigma), Plan.beta(sigma), s.timestep());
        outputs.add(0, update.predictsClean() ? e.clean() : e.noise());
        int order = order(s.index());
        double h = Math.log(sigma) - Math.log(s.nextSigma());
        Mix m0 = outputs.get(0);
        Mix d1 = null;
        Mix d2 = null;
        if (order >= 2) {
            double r0 = Math.log(plan.sigma(s.index() - 1) / sigma) / h;
            d1 = m0.minus(outputs.get(1)).times(1 / r0);
            if (order == 3) {
                double r1 = Math.log(plan.sigma(s.index() - 2) / plan.sigma(s.index() - 1)) / h;
                Mix older = outputs.get(1).minus(outputs.get(2)).times(1 / r1);
                d2 = d1.minus(older).times(1 / (r0 + r1));
                d1 = d1.plus(r0, d2);
            }
        }
        outputs.subList(Math.min(outputs.size(), 2), outputs.size()).clear();
        warm++;
        return update.apply(s, x, sigma, m0, d1, d2).eval(s.ops());
    }

    /** Fewer terms at the start, and at the end of short runs or where the last noise level is 0. */
    private int order(int i) {
        SamplerConfig c = plan.config();
        int left = plan.length() - i;
        boolean shortRun = c.flag("lower_order_final") && plan.length() < 15;
        int allowed = left == 1 && (c.flag("euler_at_final") || shortRun || c.text("final_sigmas_type").equals("zero"))
            ? 1
            : left == 2 && shortRun ? 2 : 3;
        return Math.min(Math.min(c.integer("solver_order"), warm + 1), allowed);
    }
}
