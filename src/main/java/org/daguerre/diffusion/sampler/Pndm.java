package org.daguerre.diffusion.sampler;

import java.util.ArrayList;
import java.util.List;
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
 * Pseudo linear multistep over the training timesteps, started by Runge-Kutta steps or (as Stable Diffusion 1 does,
 * "PLMS") by evaluating the second timestep twice: Liu et al. 2022, arXiv:2202.09778, equations 9 to 14.
 */
final class Pndm implements Solver {
    static final Scheme SCHEME = new Scheme("PNDMScheduler", 1, Map.of("timestep_spacing", "leading",
        "skip_prk_steps", false, "set_alpha_to_one", false), Pndm::plan, Pndm::new);
    private static final int RUNGE_KUTTA_CALLS = 12;
    private static final double[][] ADAMS = {{1}, {3 / 2., -1 / 2.}, {23 / 12., -16 / 12., 5 / 12.},
        {55 / 24., -59 / 24., 37 / 24., -9 / 24.}};

    private final Plan plan;
    private final int stride;
    private final boolean rungeKutta;
    private final List<Tensor> outputs = new ArrayList<>();
    private int calls;
    private Tensor start;
    private Mix sum;

    Pndm(Plan plan) {
        this.plan = plan;
        stride = plan.levels().count() / plan.requestedSteps();
        rungeKutta = !plan.config().flag("skip_prk_steps");
    }

    private static Plan plan(Scheme scheme, SamplerConfig config, NoiseLevels levels, int steps) {
        double[] t = Grids.trained(scheme, config, levels, steps).timesteps();
        List<Double> calls = new ArrayList<>();
        if (config.flag("skip_prk_steps")) {
            for (int i = 0; i < steps; i++) {
                calls.add(t[i]);
                if (i == 1) {
                    calls.add(t[i]);
                }
            }
        } else {
            if (steps < 4) {
                throw new IllegalArgumentException("pndm: Runge-Kutta starting steps need at least 4 steps, found "
                    + steps);
            }
            int half = levels.count() / steps / 2;
            for (int i = 0; i < 3; i++) {
                calls.addAll(List.of(t[i], t[i + 1] + half, t[i + 1] + half, t[i + 1]));
            }
            for (int i = 3; i < steps; i++) {
                calls.add(t[i]);
            }
        }
        double[] all = calls.stream().mapToDouble(c -> c).toArray();
        return new Plan(scheme, config, levels, false, steps, all, new double[0]);
    }

    @Override
    public int memory() {
        return rungeKutta ? RUNGE_KUTTA_CALLS + 4 : 5;
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        int t = (int) s.timestep();
        double a = plan.levels().signal(t);
        Tensor out = s.unscaled(x, Math.sqrt(a), Math.sqrt(1 - a), t).output();
        int call = calls++;
        return rungeKutta && call < RUNGE_KUTTA_CALLS ? rungeKutta(s, x, out, call, t) : multistep(s, x, out, call, t);
    }

    private Tensor rungeKutta(Step s, Tensor x, Tensor out, int call, int t) {
        int part = call % 4;
        if (part == 0) {
            outputs.add(0, out);
            start = x;
            sum = Mix.zero();
        }
        sum = sum.plus(part == 0 || part == 3 ? 1 / 6. : 1 / 3., out);
        int from = (int) plan.timestep(s.index() - part);
        int to = part % 2 == 0 ? t - stride / 2 : t;
        return move(s, start, part == 3 ? sum : Mix.of(out), from, to);
    }

    private Tensor multistep(Step s, Tensor x, Tensor out, int call, int t) {
        if (call == 1) { // the second call sits at the first step's end and improves that step
            return move(s, start, Mix.zero().plus(0.5, out).plus(0.5, outputs.get(0)), t + stride, t);
        }
        outputs.add(0, out);
        outputs.subList(Math.min(outputs.size(), 4), outputs.size()).clear();
        start = x;
        double[] weights = ADAMS[outputs.size() - 1];
        Mix mean = Mix.zero();
        for (int i = 0; i < weights.length; i++) {
            mean = mean.plus(weights[i], outputs.get(i));
        }
        return move(s, x, mean, t, t - stride);
    }

    /** Equation 11; v-predictions become noise at {@code x}. */
    private Tensor move(Step s, Tensor x, Mix out, int from, int to) {
        double a = plan.levels().signal(from);
        double aTo = to >= 0 ? plan.levels().signal(to) : plan.config().flag("set_alpha_to_one") ? 1
            : plan.levels().signal(0);
        Mix eps = switch (plan.config().prediction()) {
            case EPSILON -> out;
            case V -> out.times(Math.sqrt(a)).plus(Math.sqrt(1 - a), x);
            case SAMPLE -> throw new IllegalArgumentException("pndm: defined for noise and v predictions only");
        };
        double denominator = a * Math.sqrt(1 - aTo) + Math.sqrt(a * (1 - a) * aTo);
        return Mix.zero().plus(Math.sqrt(aTo / a), x).plus(-(aTo - a) / denominator, eps).eval(s.ops());
    }
}
