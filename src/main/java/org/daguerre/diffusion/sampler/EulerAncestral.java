package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/** Euler steps to a lower noise level than asked for, and new noise to make up for it: k-diffusion. */
final class EulerAncestral implements Solver {
    static final Scheme SCHEME = new Scheme("EulerAncestralDiscreteScheduler", 1, Map.of(), Grids::scaled,
        plan -> new EulerAncestral(true));
    static final Scheme K_SCHEME = new Scheme("k_euler_ancestral", 1, Map.of(), Grids::kDiffusion,
        plan -> new EulerAncestral(false));

    private final boolean drawsAtEnd;

    /** @param drawsAtEnd diffusers draws in the last step too, with weight 0: seeds count on it */
    EulerAncestral(boolean drawsAtEnd) {
        this.drawsAtEnd = drawsAtEnd;
    }

    @Override
    public Tensor step(Step s, Tensor x) {
        Ancestral to = Ancestral.of(s.sigma(), s.nextSigma());
        Step.Estimate e = s.scaled(x, s.sigma(), s.timestep());
        Mix y = Mix.of(x).plus((to.down() - s.sigma()) / s.sigma(), Mix.of(x).minus(e.clean()));
        return (drawsAtEnd || s.nextSigma() > 0 ? y.plus(to.up(), s.draw(x)) : y).eval(s.ops());
    }
}
