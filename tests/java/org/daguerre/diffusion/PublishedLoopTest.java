package org.daguerre.diffusion;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.diffusion.random.Mt19937;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The full-loop sums that diffusers publishes in its scheduler tests: network x t / (t + 1), latents k / 768, the sum
 * of |x| at the end. Left out: thresholding, which is for pixel-space models; DPM++ SDE, whose Brownian tree is
 * torchsde's own; iPNDM, SA-Solver and EDM Euler, which are not among our samplers; and UniPC's one-dimensional twin.
 */
class PublishedLoopTest {
    private static final Shape SHAPE = Shape.of(4, 3, 8, 8);
    private static final int COUNT = 768;

    /** One published run; {@code last} steps only where it starts from noised latents, else 0. */
    private record Loop(String name, String className, int steps, int last, boolean mean, double sum,
                        Map<String, Object> config) {
        static Loop of(String name, String className, int steps, double sum, Object... config) {
            return from(name, className, steps, 0, sum, config);
        }

        static Loop from(String name, String className, int steps, int last, double sum, Object... config) {
            Map<String, Object> map = new HashMap<>(Map.of("beta_start", 0.0001, "beta_end", 0.02, "beta_schedule",
                "linear"));
            for (int i = 0; i < config.length; i += 2) {
                map.put((String) config[i], config[i + 1]);
            }
            return new Loop(name, className + "Scheduler", steps, last, false, sum, map);
        }

        static Loop mean(String name, String className, double mean, Object... config) {
            Loop l = of(name, className, 10, mean * COUNT, config);
            return new Loop(name, l.className, l.steps, 0, true, l.sum, l.config);
        }
    }

    private static final Object[] V = {"prediction_type", "v_prediction"};

    @TestFactory
    Stream<DynamicTest> sums() {
        return Stream.of(sigmaLoops(), vpLoops(), solverLoops(), fewStepLoops()).flatMap(s -> s)
            .map(l -> dynamicTest(l.className + " " + l.name, () -> check(l)));
    }

    private static Stream<Loop> sigmaLoops() {
        Object[] k = {"num_train_timesteps", 1100};
        Object[] kv = {"num_train_timesteps", 1100, "prediction_type", "v_prediction"};
        Object[] karras = {"num_train_timesteps", 1100, "use_karras_sigmas", true};
        return Stream.of(
            Loop.of("eps", "EulerDiscrete", 10, 10.0807, k), Loop.of("v", "EulerDiscrete", 10, 0.0002, kv),
            Loop.of("karras", "EulerDiscrete", 10, 124.52299499511719, karras),
            Loop.from("noised", "EulerDiscrete", 10, 2, 57062.9297, k),
            Loop.of("eps", "EulerAncestralDiscrete", 10, 152.3192, k),
                Loop.of("v", "EulerAncestralDiscrete", 10, 108.4439, kv),
            Loop.from("noised", "EulerAncestralDiscrete", 10, 2, 56163.0508, k),
            Loop.of("eps", "HeunDiscrete", 10, 0.1233, k), Loop.of("v", "HeunDiscrete", 10, 4.6934e-07, kv),
            Loop.of("karras", "HeunDiscrete", 10, 0.00015, karras),
                Loop.from("noised", "HeunDiscrete", 10, 2, 75074.8906, k),
            Loop.of("eps", "LMSDiscrete", 10, 1006.388, k), Loop.of("v", "LMSDiscrete", 10, 0.0017, kv),
            Loop.of("karras", "LMSDiscrete", 10, 3812.9927, karras),
            Loop.from("noised", "LMSDiscrete", 10, 2, 27663.6895, k),
            Loop.of("eps", "KDPM2Discrete", 10, 20.4125, k), Loop.of("v", "KDPM2Discrete", 10, 4.6934e-07, kv),
            Loop.from("noised", "KDPM2Discrete", 10, 2, 70408.4062, k),
            Loop.of("eps", "KDPM2AncestralDiscrete", 10, 13979.9433, k),
            Loop.of("v", "KDPM2AncestralDiscrete", 10, 331.8133, kv),
            Loop.from("noised", "KDPM2AncestralDiscrete", 10, 2, 93087.3437, k));
    }

    private static Stream<Loop> vpLoops() {
        return Stream.of(
            Loop.of("eps", "DDIM", 10, 172.0067), Loop.of("v", "DDIM", 10, 52.5302, V),
            Loop.of("alpha to one", "DDIM", 10, 149.8295, "set_alpha_to_one", true, "beta_start", 0.01),
            Loop.of("not alpha to one", "DDIM", 10, 149.0784, "set_alpha_to_one", false, "beta_start", 0.01),
            Loop.from("noised", "DDIM", 10, 2, 354.5418),
            Loop.of("eps", "DDPM", 1000, 258.9606), Loop.of("v", "DDPM", 1000, 202.0296, V),
            Loop.from("noised", "DDPM", 1000, 2, 387.9466),
            Loop.of("eps", "PNDM", 10, 198.1318), Loop.of("v", "PNDM", 10, 67.3986, V),
            Loop.of("alpha to one", "PNDM", 10, 230.0399, "set_alpha_to_one", true, "beta_start", 0.01),
            Loop.of("not alpha to one", "PNDM", 10, 186.9482, "set_alpha_to_one", false, "beta_start", 0.01));
    }

    private static Stream<Loop> solverLoops() {
        Object[] eps = {"final_sigmas_type", "sigma_min", "lower_order_final", false};
        Object[] v = {"final_sigmas_type", "sigma_min", "lower_order_final", false, "prediction_type", "v_prediction"};
        Object[] karras = {"final_sigmas_type", "sigma_min", "lower_order_final", false, "use_karras_sigmas", true};
        Object[] karrasV = {"final_sigmas_type", "sigma_min", "lower_order_final", false, "use_karras_sigmas", true,
            "prediction_type", "v_prediction"};
        Object[] luV = {"final_sigmas_type", "sigma_min", "lower_order_final", false, "use_lu_lambdas", true,
            "prediction_type", "v_prediction"};
        Object[] uni = {"final_sigmas_type", "sigma_min"};
        Object[] uniV = {"final_sigmas_type", "sigma_min", "prediction_type", "v_prediction"};
        Object[] uniKarras = {"final_sigmas_type", "sigma_min", "use_karras_sigmas", true};
        Object[] uniKarrasV = {"final_sigmas_type", "sigma_min", "use_karras_sigmas", true, "prediction_type",
            "v_prediction"};
        return Stream.of(
            Loop.mean("eps", "DPMSolverMultistep", 0.3301, eps),
            Loop.mean("v", "DPMSolverMultistep", 0.2251, v),
            Loop.mean("karras v", "DPMSolverMultistep", 0.2096, karrasV),
            Loop.mean("lu v", "DPMSolverMultistep", 0.1554, luV),
            Loop.from("noised", "DPMSolverMultistep", 10, 5, 318.4111, eps),
            Loop.mean("eps", "DPMSolverSinglestep", 0.2791, eps),
            Loop.mean("v", "DPMSolverSinglestep", 0.1453, v),
            Loop.mean("karras", "DPMSolverSinglestep", 0.2248, karras),
            Loop.mean("karras v", "DPMSolverSinglestep", 0.0649, karrasV),
            Loop.from("noised", "DPMSolverSinglestep", 10, 5, 269.2187, eps),
            Loop.mean("eps", "DEISMultistep", 0.23916), Loop.mean("v", "DEISMultistep", 0.091, V),
            Loop.from("noised", "DEISMultistep", 10, 2, 315.3016),
            Loop.mean("eps", "UniPCMultistep", 0.2464, uni), Loop.mean("v", "UniPCMultistep", 0.1014, uniV),
            Loop.mean("karras", "UniPCMultistep", 0.2925, uniKarras),
            Loop.mean("karras v", "UniPCMultistep", 0.1966, uniKarrasV),
            Loop.from("noised", "UniPCMultistep", 10, 2, 315.5757, uni));
    }

    private static Stream<Loop> fewStepLoops() {
        Object[] lcm = {"beta_start", 0.00085, "beta_end", 0.0120, "beta_schedule", "scaled_linear"};
        Object[] tcd = {"beta_start", 0.00085, "beta_end", 0.0120, "beta_schedule", "scaled_linear", "eta", 0.0};
        return Stream.of(Loop.of("one step", "LCM", 1, 18.7097, lcm), Loop.of("ten steps", "LCM", 10, 197.7616, lcm),
            Loop.of("one step", "TCD", 1, 29.8715, tcd), Loop.of("ten steps", "TCD", 10, 181.2040, tcd));
    }

    private static void check(Loop l) {
        Plan plan = Samplers.plan(new SamplerConfig(l.className, l.config), SamplerOptions.modelDefault(), l.steps);
        if (l.last > 0) {
            plan = plan.fromStrength((l.last + 0.5) / l.steps);
        }
        try (Ops ops = Ops.on(new ReferenceBackend())) {
            float[] ramp = new float[COUNT];
            float[] reversed = new float[COUNT];
            for (int i = 0; i < COUNT; i++) {
                // (3, 8, 8, 4) with the last dimension moved first
                int k = i % 192 * 4 + i / 192;
                ramp[i] = k / 768f;
                reversed[i] = (767 - k) / 768f;
            }
            Tensor x = plan.initNoiseScale() == 1 ? ops.upload(ramp, SHAPE) : plan.start(ops, ops.upload(ramp, SHAPE));
            x = l.last > 0 ? plan.start(ops, x, ops.upload(reversed, SHAPE)) : x;
            float[] result = ops.download(run(plan, ops, x));
            double sum = 0;
            for (float v : result) {
                sum += Math.abs(v);
            }
            // The published limits, 1e-2 of a sum and 1e-3 of a mean; of huge sums what float32 holds.
            double limit = l.mean ? 1e-3 * COUNT : Math.max(1e-2, 5e-7 * l.sum);
            assertTrue(Math.abs(sum - l.sum) <= limit, l + ": found " + sum + ", mean " + sum / COUNT);
        }
    }

    /**
     * The tests overwrite the latents of the sigma-space classes by their scaled form before each step, so that a step
     * starts from what the network saw: here the hook scales, and the network undoes the scaling that Step adds.
     */
    private static Tensor run(Plan plan, Ops ops, Tensor start) {
        if (!plan.scaled()) {
            return new Sampling(plan, (o, x, t) -> Mix.zero().plus(t / (t + 1), x).eval(o), torchNoise())
                .run(ops, start);
        }
        int[] call = {plan.first()};
        Predictor network = (o, x, t) -> Mix.zero().plus(t / (t + 1) / alpha(plan, call[0]++), x).eval(o);
        StepHook scale = (o, next, x) -> next == plan.end() ? x : Mix.zero().plus(alpha(plan, next), x).eval(o);
        Tensor scaled = Mix.zero().plus(alpha(plan, plan.first()), start).eval(ops);
        return new Sampling(plan, network, torchNoise(), scale, StepListener.NONE).run(ops, scaled);
    }

    private static double alpha(Plan plan, int call) {
        boolean middle = plan.scheme().className().startsWith("KDPM2") && call % 2 == 1;
        double from = plan.sigma(Math.max(call - 1, 0));
        double to = plan.sigma(call);
        double up = plan.scheme().className().contains("Ancestral") ? to * to * (from * from - to * to) / (from * from)
            : 0;
        return Plan.alpha(middle ? Math.sqrt(from * Math.sqrt(to * to - up)) : to);
    }

    /** torch.manual_seed(0) and one generator for the whole batch, in the fixtures' own layout. */
    private static NoiseSource torchNoise() {
        Mt19937 generator = new Mt19937(0);
        return new NoiseSource() {
            @Override
            public Tensor draw(Ops ops, Shape shape) {
                return ops.upload(generator.next(COUNT), shape);
            }

            @Override
            public Tensor brownian(Ops ops, Shape shape, double from, double to) {
                throw new UnsupportedOperationException("no published run here uses a Brownian path");
            }
        };
    }
}
