package org.daguerre.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.daguerre.diffusion.Predictor;
import org.daguerre.model.Conditioning;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.ControlResiduals;
import org.daguerre.unet.UNet;

/**
 * The U-Net with its prompts and classifier-free guidance, as a sampler sees it. The rows of one forward pass are the pictures of the
 * batch once per conditioning; what is constant (keys and values of the prompts, embeddings of timesteps seen before) is kept.
 */
final class GuidedPredictor implements Predictor {
    private final Leg leg;
    private final UNet unet;
    private final Ops run;
    private final Function<Pass, Tensor> passes;
    private final Map<List<Conditioning>, Prompt> prompts = new HashMap<>();
    private int step = 1;

    /** Conditionings of one forward pass, made ready for the U-Net: one entry per row. */
    private record Prompt(Tensor context, Tensor[] text, Tensor added, Map<Double, Tensor> times) {
    }

    /**
     * @param run    arena of the run: keeps what is constant
     * @param passes runs a pass of the U-Net, perhaps together with those of other requests
     */
    GuidedPredictor(Leg leg, Ops run, Function<Pass, Tensor> passes) {
        this.leg = leg;
        this.unet = leg.stage().model().unet();
        this.run = run;
        this.passes = passes;
    }

    /** Tells which step comes next, from 1. */
    void beginStep(int number) {
        step = number;
    }

    /** Fraction of the steps done. */
    private double progress() {
        return (step - 1.0) / leg.plan().count();
    }

    @Override
    public Tensor predict(Ops ops, Tensor input, double timestep) {
        List<PromptPlan.Part> parts = leg.prompts().positive().at(step);
        double scale = leg.guidance().scaleAt(progress());
        if (scale == 1 && parts.size() == 1 && parts.get(0).weight() == 1) {
            return evaluate(ops, input, timestep, List.of(parts.get(0).conditioning()), List.of(false)).get(0);
        }
        Conditioning uncond = leg.prompts().negative().at(step).get(0).conditioning();
        if (scale == 0) {
            return evaluate(ops, input, timestep, List.of(uncond), List.of(true)).get(0);
        }
        List<Conditioning> rows = new ArrayList<>();
        List<Boolean> isNegative = new ArrayList<>();
        parts.forEach(p -> {
            rows.add(p.conditioning());
            isNegative.add(false);
        });
        rows.add(uncond);
        isNegative.add(true);
        return ops.scoped(o -> guide(o, evaluateRaw(o, input, timestep, rows, isNegative), parts, scale));
    }

    /** u + sum_i w_i scale (c_i - u), composable diffusion (Liu et al. 2022, equation 11); one prompt: classifier-free guidance. */
    private Tensor guide(Ops ops, List<Tensor> outputs, List<PromptPlan.Part> parts, double scale) {
        Tensor uncond = outputs.get(parts.size());
        if (parts.size() == 1) {
            return ops.guidance(outputs.get(0), uncond, scale * parts.get(0).weight(), leg.guidance().rescale());
        }
        Tensor sum = ops.cast(uncond, DType.F32);
        for (int i = 0; i < parts.size(); i++) {
            double w = scale * parts.get(i).weight();
            sum = ops.combine(new double[] {1, w, -w}, sum, outputs.get(i), uncond);
        }
        return sum;
    }

    private List<Tensor> evaluate(Ops ops, Tensor input, double timestep, List<Conditioning> rows, List<Boolean> isNegative) {
        List<Tensor> raw = evaluateRaw(ops, input, timestep, rows, isNegative);
        return raw.stream().map(t -> ops.combine(new double[] {1}, t)).toList();
    }

    /** One output per conditioning, in the activations' type. Conditionings of equal length share a forward pass. */
    private List<Tensor> evaluateRaw(Ops ops, Tensor input, double timestep, List<Conditioning> rows, List<Boolean> isNegative) {
        Tensor[] outputs = new Tensor[rows.size()];
        for (int length : rows.stream().mapToInt(Conditioning::length).distinct().toArray()) {
            List<Integer> members = new ArrayList<>();
            for (int i = 0; i < outputs.length; i++) {
                if (rows.get(i).length() == length) {
                    members.add(i);
                }
            }
            Tensor y = forward(ops, input, timestep, members.stream().map(rows::get).toList(),
                members.stream().map(isNegative::get).toList());
            int n = input.dim(0);
            for (int i = 0; i < members.size(); i++) {
                outputs[members.get(i)] = y.rows(i * n, (i + 1) * n);
            }
        }
        return Arrays.asList(outputs);
    }

    private Tensor forward(Ops parent, Tensor input, double timestep, List<Conditioning> members, List<Boolean> isNegative) {
        int n = input.dim(0);
        Prompt prompt = prompts.computeIfAbsent(members, m -> prepare(m, isNegative, n));
        Tensor time = prompt.times.computeIfAbsent(timestep, t -> embedTime(t, prompt.added));
        try (Ops ops = parent.child()) {
            Tensor x = ops.cast(input, ops.type());
            Tensor latents = repeat(ops, x, members.size());
            Tensor all = leg.extra() == null ? latents : repeat(ops, ops.concat(x, leg.extra()), members.size());
            ControlResiduals residuals = leg.control() == null ? null
                : leg.control().residuals(ops, latents, n * Collections.frequency(isNegative, false), timestep, prompt.context, prompt.added,
                    progress());
            return ops.lift(passes.apply(new Pass(leg.stage().runner(), ops, all, time, prompt.text, leg.stage().hyper(), residuals)));
        }
    }

    private static Tensor repeat(Ops ops, Tensor x, int times) {
        Tensor[] copies = new Tensor[times];
        Arrays.fill(copies, x);
        return times == 1 ? x : ops.stack(copies);
    }

    private Prompt prepare(List<Conditioning> members, List<Boolean> isNegative, int n) {
        Tensor[] rows = new Tensor[members.size() * n];
        Tensor[] added = new Tensor[rows.length];
        try (Ops ops = run.child()) {
            boolean sizes = unet.config().addedDim() > 0;
            for (int i = 0; i < members.size(); i++) {
                Tensor context = members.get(i).upload(ops);
                Tensor vector = sizes ? addedVector(ops, members.get(i), isNegative.get(i)) : null;
                Arrays.fill(rows, i * n, (i + 1) * n, context);
                Arrays.fill(added, i * n, (i + 1) * n, vector);
            }
            Tensor context = ops.lift(rows.length == 1 ? rows[0] : ops.stack(rows));
            Tensor vectors = sizes ? ops.lift(rows.length == 1 ? added[0] : ops.stack(added)) : null;
            Map<Double, Tensor> times = new HashMap<>();
            for (double t : leg.plan().timesteps()) {
                times.computeIfAbsent(t, known -> embedTime(known, vectors));
            }
            return new Prompt(context, unet.projectText(run, context, leg.stage().hyper()), vectors, times);
        }
    }

    /** Pooled text and the embeddings of the size numbers, side by side: [1, addedDim]. */
    private Tensor addedVector(Ops ops, Conditioning c, boolean isNegative) {
        double[] ids = leg.sizeIds(isNegative);
        float[] values = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            values[i] = (float) ids[i];
        }
        Tensor sizes = ops.timestepEmbedding(ops.upload(values, values.length), unet.config().addedTimeDim());
        return ops.concat(ops.cast(ops.upload(c.pooled(), 1, c.pooled().length), ops.type()), sizes.reshape(1, -1));
    }

    private Tensor embedTime(double timestep, Tensor added) {
        return run.scoped(ops -> unet.embedTime(ops, ops.upload(new float[] {(float) timestep}, 1), added, Probe.NONE));
    }
}
