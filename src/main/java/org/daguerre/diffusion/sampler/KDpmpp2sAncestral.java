package org.daguerre.diffusion.sampler;

import java.util.Map;
import org.daguerre.diffusion.Mix;
import org.daguerre.diffusion.Scheme;
import org.daguerre.diffusion.Solver;
import org.daguerre.diffusion.Step;
import org.daguerre.tensor.Tensor;

/** DPM-Solver++(2S) (Lu et al. 2022, arXiv:2211.01095, algorithm 1) with ancestral noise: k-diffusion. */
final class KDpmpp2sAncestral implements Solver {
    static final Scheme SCHEME = new Scheme("k_dpmpp_2s_ancestral", 1, Map.of(), Grids::kDiffusion,
        plan -> new KDpmpp2sAncestral());

    @Override
    public Tensor step(Step s, Tensor x) {
        Ancestral to = Ancestral.of(s.sigma(), s.nextSigma());
        Mix clean = s.scaled(x, s.sigma(), s.timestep()).clean();
        if (s.nextSigma() == 0) {
            return clean.eval(s.ops());
        }
        double middle = Math.sqrt(s.sigma() * to.down());
        Tensor half = move(x, clean, middle / s.sigma()).eval(s.ops());
        return move(x, s.denoise(half, middle).clean(), to.down() / s.sigma()).plus(to.up(), s.draw(x)).eval(s.ops());
    }

    private static Mix move(Tensor x, Mix clean, double ratio) {
        return Mix.zero().plus(ratio, x).plus(1 - ratio, clean);
    }
}
