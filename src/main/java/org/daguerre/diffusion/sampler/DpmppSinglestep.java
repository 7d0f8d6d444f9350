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
 * DPM-Solver and DPM-Solver++ in groups of up to three steps that start over from the group's first latents: Lu et al.
 * 2022, arXiv:2206.00927, section 3.4, and arXiv:2211.01095, algorithm 1. "DPM++ 2S" of diffusers.
 */
final class DpmppSinglestep implements Solver {
    static final Scheme SCHEME = new Scheme("DPMSolverSinglestepScheduler", 1, Map.of("solver_order", 2,
        "algorithm_type", "dpmsolver++", "solver_type", "midpoint", "lower_order_final", false),
        Grids::singlestep, DpmppSinglestep::new);

    private final Plan plan;
    private final DpmUpdate update;
    private final int[] orders;
    private final List<Mix> outputs = new ArrayList<>();
    private Tensor start;

    DpmppSinglestep(Plan plan) {
        this.plan = plan;
        update = new DpmUpdate(plan.config(), false);
        SamplerConfig c = plan.config();
        int order = c.integer("solver_order");
        orders = new int[plan.length()]; // 1..order over and over; the last group may be shorter
        for (int i = 0; i < orders.length; i++) {
            orders[i] = i % order + 1;
        }
        boolean toZero = c.text("final_sigmas_type").equals("zero"); // where lambda is infinite: first order only
        if (toZero || c.flag("lower_order_final") && orders.length % order == 0) {
            orders[orders.length - 1] = 1;
        }
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        int i = s.index();
        Step.Estimate e = s.unscaled(x, Plan.alpha(s.sigma()), Plan.beta(s.sigma()), s.timestep());
        outputs.add(0, update.predictsClean() ? e.clean() : e.noise());
        outputs.subList(Math.min(outputs.size(), 3), outputs.size()).clear();
        int order = Math.min(orders[i], outputs.size());
        if (order == 1) {
            start = x;
        }
        double from = plan.sigma(i - order + 1);
        double h = Math.log(from / s.nextSigma());
        Mix d0 = outputs.get(order - 1);
        if (order == 1) {
            return update.apply(s, start, from, d0, null, null).eval(s.ops());
        }
        double r0 = Math.log(from / s.sigma()) / h;
        Mix d1 = outputs.get(0).minus(d0).times(1 / r0);
        if (order == 2) {
            return update.apply(s, start, from, d0, d1, null).eval(s.ops());
        }
        double r1 = Math.log(from / plan.sigma(i - 1)) / h;
        Mix inner = outputs.get(1).minus(d0).times(1 / r1);
        Mix d2 = d1.minus(inner).times(2 / (r0 - r1));
        boolean heun = plan.config().text("solver_type").equals("heun");
        Mix slope = heun ? inner.times(r0).plus(-r1, d1).times(1 / (r0 - r1)) : d1;
        return update.apply(s, start, from, d0, slope, d2).eval(s.ops());
    }
}
