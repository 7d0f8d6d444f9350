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
 * UniPC, a predictor-corrector with the corrector for free: Zhao et al. 2023, arXiv:2302.04867, algorithms 1 to 3, with
 * B(h) = h ("bh1") or exp(h) - 1 ("bh2").
 */
final class UniPc implements Solver {
    static final Scheme SCHEME = new Scheme("UniPCMultistepScheduler", 1, Map.of("solver_order", 2, "predict_x0", true,
        "solver_type", "bh2", "lower_order_final", true), Grids::multistep, UniPc::new);

    private final Plan plan;
    private final boolean clean;
    private final List<Tensor> outputs = new ArrayList<>();
    private Tensor last;
    private int order;

    UniPc(Plan plan) {
        this.plan = plan;
        clean = plan.config().flag("predict_x0");
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        int i = s.index();
        Step.Estimate e = s.unscaled(x, Plan.alpha(s.sigma()), Plan.beta(s.sigma()), s.timestep());
        outputs.add(0, (clean ? e.clean() : e.noise()).eval(s.ops()));
        Tensor corrected = last == null ? x : update(last, i - 1, order, true).eval(s.ops());
        int most = plan.config().integer("solver_order");
        boolean lower = plan.config().flag("lower_order_final") || s.nextSigma() == 0;
        order = Math.min(Math.min(most, lower ? plan.length() - i : most), last == null ? 1
            : Math.min(outputs.size(), most));
        last = corrected;
        Mix next = update(corrected, i, order, false);
        outputs.subList(Math.min(outputs.size(), most), outputs.size()).clear();
        return next.eval(s.ops());
    }

    /** The step from level {@code from} to the next; the corrector also knows the output at the step's end. */
    private Mix update(Tensor x, int from, int p, boolean correct) {
        double s0 = plan.sigma(from);
        double to = plan.sigma(from + 1);
        double h = Math.log(s0) - Math.log(to);
        double z = clean ? -h : h;
        double phi1 = Math.expm1(z);
        double b = plan.config().text("solver_type").equals("bh1") ? z : phi1;
        double scale = clean ? Plan.alpha(to) : Plan.beta(to);
        double keep = clean ? Plan.beta(to) / Plan.beta(s0) : Plan.alpha(to) / Plan.alpha(s0);
        int now = correct ? 1 : 0; // place of the output at the step's start
        Tensor m0 = outputs.get(now);
        Mix y = Mix.zero().plus(keep, x).plus(-scale * phi1, m0);
        double[] r = new double[p];
        for (int k = 1; k < p; k++) {
            r[k - 1] = Math.log(s0 / plan.sigma(from - k)) / h;
        }
        r[p - 1] = 1;
        double[] rho = weights(r, correct ? p : p - 1, z, b);
        for (int k = 1; k < p; k++) {
            y = y.plus(-scale * b * rho[k - 1] / r[k - 1], Mix.of(outputs.get(now + k)).plus(-1, m0));
        }
        return correct ? y.plus(-scale * b * rho[p - 1], Mix.of(outputs.get(0)).plus(-1, m0)) : y;
    }

    /** Solves sum_j r_j^(i-1) rho_j = i! phi_(i+1)(z) z^i / B for the first {@code n} differences; 1/2 where n is 1. */
    private static double[] weights(double[] r, int n, double z, double b) {
        if (n <= 1) {
            return new double[] {0.5};
        }
        double[][] a = new double[n][n];
        double[] right = new double[n];
        double phi = Math.expm1(z) / z - 1;
        double factorial = 1;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a[i][j] = Math.pow(r[j], i);
            }
            right[i] = phi * factorial / b;
            factorial *= i + 2;
            phi = phi / z - 1 / factorial;
        }
        return LinearSystem.solve(a, right);
    }
}
