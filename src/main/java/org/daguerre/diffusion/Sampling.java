package org.daguerre.diffusion;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Runs a plan: from the latents before its first step to those after its last. Blocking, one thread per run.
 *
 * @param plan what to run
 * @param predictor the network
 * @param noise random numbers of stochastic samplers
 * @param hook may change the latents after each step
 * @param listener told after each step; may cancel
 */
public record Sampling(Plan plan, Predictor predictor, NoiseSource noise, StepHook hook, StepListener listener) {

    public Sampling(Plan plan, Predictor predictor, NoiseSource noise) {
        this(plan, predictor, noise, StepHook.NONE, StepListener.NONE);
    }

    /**
     * @param ops arena that the result lives in
     * @param x latents [N, H, W, C], f32, from {@link Plan#start}
     * @throws CancellationException if the listener returned false
     */
    public Tensor run(Ops ops, Tensor x) {
        Solver solver = plan.scheme().solver().apply(plan);
        // A solver may look back at tensors of recent steps, so each step's arena outlives it by a fixed number of
        // steps.
        Deque<Ops> arenas = new ArrayDeque<>();
        try {
            for (int i = plan.first(); i < plan.end(); i++) {
                arenas.addLast(ops.child());
                if (arenas.size() > solver.memory()) {
                    arenas.removeFirst().close();
                }
                x = step(solver, arenas.getLast(), i, x);
            }
            // The result is copied, since it belongs to a step's arena.
            return Mix.of(x).eval(ops);
        } finally {
            arenas.forEach(Ops::close);
        }
    }

    private Tensor step(Solver solver, Ops arena, int index, Tensor x) {
        Step step = new Step(plan, index, arena, predictor, noise);
        Tensor next = hook.after(arena, index + 1, solver.step(step, x));
        try (Ops scratch = arena.child()) {
            if (!listener.onStep(new Finished(plan, step, scratch, next))) {
                throw new CancellationException("cancelled after step " + (index + 1 - plan.first()) + " of "
                    + plan.count());
            }
        }
        return next;
    }

    private record Finished(Plan plan, Step step, Ops ops, Tensor latents) implements StepListener.Event {
        @Override
        public int index() {
            return step.index() - plan.first();
        }

        @Override
        public int count() {
            return plan.count();
        }

        @Override
        public double sigma() {
            return step.sigma();
        }

        @Override
        public double timestep() {
            return step.timestep();
        }

        @Override
        public Tensor clean() {
            return step.last().clean().eval(ops);
        }
    }
}
