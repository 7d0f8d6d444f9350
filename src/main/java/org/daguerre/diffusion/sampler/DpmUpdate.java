package org.daguerre.diffusion.sampler;

import java.util.List;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/**
 * The exponential-integrator step that all DPM solvers share: from the output D0 and its scaled differences D1, D2 in
 * lambda = log(alpha / sigma). Latents are alpha x0 + beta eps.
 */
final class DpmUpdate {
    private final boolean clean;
    private final boolean stochastic;
    private final boolean heun;
    private final boolean multistep;

    /**
     * @param multistep whether D1 of third order stands for the slope at the step's start; single-step solvers differ
     */
    DpmUpdate(SamplerConfig config, boolean multistep) {
        String algorithm = config.text("algorithm_type");
        if (!List.of("dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver").contains(algorithm)) {
            throw new IllegalArgumentException("algorithm_type: expected dpmsolver++, dpmsolver, sde-dpmsolver++ or "
                + "sde-dpmsolver, found " + algorithm);
        }
        clean = algorithm.endsWith("++");
        stochastic = algorithm.startsWith("sde");
        heun = config.text("solver_type").equals("heun");
        this.multistep = multistep;
        if (!heun && !config.text("solver_type").equals("midpoint")) {
            throw new IllegalArgumentException("solver_type: expected midpoint or heun, found "
                + config.text("solver_type"));
        }
    }

    /** Whether the outputs to pass are clean latents; noise otherwise. */
    boolean predictsClean() {
        return clean;
    }

    /**
     * @param x latents at noise level {@code from}; the step goes to the step's next level
     * @param d1 absent (null) at order 1, {@code d2} at orders 1 and 2
     */
    Mix apply(Step s, Tensor x, double from, Mix d0, Mix d1, Mix d2) {
        double to = s.nextSigma();
        double h = Math.log(from) - Math.log(to);
        double alpha = Plan.alpha(to);
        double beta = Plan.beta(to);
        // The integral of exp runs over z; outputs of x0 decay from this step's end, outputs of noise grow from its
        // start.
        double z = clean ? (stochastic ? -2 * h : -h) : h;
        double scale = clean ? alpha : (stochastic ? 2 : 1) * beta;
        double keep = clean ? beta / Plan.beta(from) * (stochastic ? Math.exp(-h) : 1) : alpha / Plan.alpha(from);
        double phi1 = Math.expm1(z);
        Mix y = Mix.zero().plus(keep, x).plus(-scale * phi1, d0);
        if (d1 != null) {
            double phi2 = phi1 / z - 1;
            y = y.plus(heun || d2 != null ? -scale * phi2 : -scale * phi1 / 2, d1);
            if (d2 != null && (multistep || heun)) {
                // diffusers adds 1/2 in the stochastic form, where the integral has -1/2: pictures depend on it.
                y = y.plus(-scale * ((phi1 - z) / (z * z) - (stochastic ? -0.5 : 0.5)), d2);
            }
        }
        return stochastic ? y.plus(beta * Math.sqrt(clean ? -Math.expm1(-2 * h) : Math.expm1(2 * h)), s.draw(x)) : y;
    }
}
