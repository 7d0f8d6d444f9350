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
 * DEIS, multistep with polynomials in log(rho), rho = sigma / alpha, integrated exactly: Zhang and Chen 2023,
 * arXiv:2204.13902, section 3.3 ("log rho"), orders 1 to 3.
 */
final class Deis implements Solver {
    static final Scheme SCHEME = new Scheme("DEISMultistepScheduler", 1, Map.of("solver_order", 2,
        "lower_order_final", true, "final_sigmas_type", "sigma_min"), Grids::multistep, Deis::new);

    private final Plan plan;
    private final List<Mix> outputs = new ArrayList<>();
    private int warm;

    Deis(Plan plan) {
        this.plan = plan;
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        Step.Estimate e = s.unscaled(x, Plan.alpha(s.sigma()), Plan.beta(s.sigma()), s.timestep());
        outputs.add(0, e.noise());
        int left = plan.length() - s.index();
        boolean lower = plan.config().flag("lower_order_final") && plan.length() < 15;
        int order = Math.min(Math.min(plan.config().integer("solver_order"), ++warm), lower ? left : 3);
        // x / alpha moves by the integral of eps over rho.
        Mix y = Mix.zero().plus(1 / Plan.alpha(s.sigma()), x);
        for (int j = 0; j < order; j++) {
            y = y.plus(integral(s.index(), order, j), outputs.get(j));
        }
        outputs.subList(Math.min(outputs.size(), 2), outputs.size()).clear();
        return y.times(Plan.alpha(s.nextSigma())).eval(s.ops());
    }

    /** Integral over the step of the Lagrange polynomial in log(rho) for output {@code j}. */
    private double integral(int i, int order, int j) {
        double[] others = new double[order - 1];
        double product = 1;
        for (int k = 0, n = 0; k < order; k++) {
            if (k != j) {
                others[n] = Math.log(plan.sigma(i - k));
                product *= Math.log(plan.sigma(i - j)) - others[n++];
            }
        }
        return (antiderivative(plan.sigma(i + 1), others) - antiderivative(plan.sigma(i), others)) / product;
    }

    /** Of product(log(t) - c) for up to two c. */
    private static double antiderivative(double t, double[] c) {
        double u = Math.log(t);
        return switch (c.length) {
            case 0 -> t;
            case 1 -> t * (u - 1 - c[0]);
            default -> t * (u * u - 2 * u + 2 - (c[0] + c[1]) * (u - 1) + c[0] * c[1]);
        };
    }
}
