package org.daguerre.control;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.ControlResiduals;
import org.daguerre.unet.StepContext;

/**
 * The ControlNets of one run, each with its picture, scale and part of the steps. What does not change from step to
 * step is kept: the features of the pictures, and keys and values of each prompt.
 */
public final class ControlSet {
    private final Ops run;
    private final List<Member> members = new ArrayList<>();

    /** @param run arena of the run; nothing here outlives it */
    public ControlSet(Ops run) {
        this.run = run;
    }

    /**
     * How a net is used.
     *
     * @param scale        multiplies its residuals
     * @param start        fraction of the steps from which it works
     * @param end          fraction of the steps until which it works
     * @param softened     whether the first residuals count less, see {@link ControlResiduals.Net#softened}
     * @param positiveOnly whether it works on the rows of the positive prompts only
     */
    public record Use(double scale, double start, double end, boolean softened, boolean positiveOnly) {
        /** In A1111's and diffusers' terms: a step counts from where it begins. */
        boolean at(double progress) {
            return scale != 0 && progress >= start && (progress < end || end == 1);
        }
    }

    /** One net at work. */
    private static final class Member {
        private final ControlNet net;
        private final Use use;
        private final Map<Integer, Tensor> hints = new HashMap<>();
        private final Map<Tensor, Tensor[]> texts = new IdentityHashMap<>();

        Member(ControlNet net, Use use) {
            this.net = net;
            this.use = use;
        }

        /** How many of the rows it works on, which come first. */
        int rows(int all, int positive) {
            return use.positiveOnly || net.pooled() ? positive : all;
        }
    }

    /**
     * Adds a net.
     *
     * @param image [1 or N, H, W, 3] in 0..1, factor times the size of the latents
     */
    public ControlSet add(ControlNet net, Tensor image, Use use) {
        Member member = new Member(net, use);
        member.hints.put(image.dim(0), net.embedHint(run, image));
        members.add(member);
        return this;
    }

    /**
     * What the nets say at one step.
     *
     * @param x        [rows, h, w, C] scaled latents in the activations' type, without extra channels; rows is a
     *                 multiple of N
     * @param positive how many rows, the first ones, belong to positive prompts
     * @param context  [rows, L, D] text features; the same tensor object means the same content
     * @param added    [rows, addedDim] or null
     * @param progress fraction of the steps done, 0..1
     * @return null if no net works at this step
     */
    public ControlResiduals residuals(Ops ops, Tensor x, int positive, double timestep, Tensor context, Tensor added,
                                      double progress) {
        List<ControlResiduals.Net> nets = new ArrayList<>();
        for (Member m : members) {
            int rows = m.rows(x.dim(0), positive);
            if (rows > 0 && m.use.at(progress)) {
                Tensor[] text = m.texts.computeIfAbsent(context, c -> m.net.projectText(run, c.rows(0, rows)));
                Tensor hint = m.hints.computeIfAbsent(rows, n -> repeat(m, n));
                Tensor vector = added == null ? null : added.rows(0, rows);
                Tensor time = m.net.embedTime(ops, ops.upload(new float[] {(float) timestep}, 1), vector);
                StepContext c = new StepContext(time, text, null, Probe.NONE);
                ControlResiduals.Net said = m.net.forward(ops, x.rows(0, rows), hint, c, m.use.scale);
                nets.add(m.use.softened && !m.net.pooled() ? said.softened() : said);
            }
        }
        return nets.isEmpty() ? null : new ControlResiduals(nets);
    }

    /** The picture's features once per row of a forward pass. */
    private Tensor repeat(Member m, int rows) {
        Tensor one = m.hints.values().stream().min((a, b) -> Integer.compare(a.dim(0), b.dim(0))).orElseThrow();
        if (rows % one.dim(0) != 0) {
            throw new IllegalArgumentException("ControlNet: expected a multiple of " + one.dim(0) + " rows, found "
                + rows);
        }
        Tensor[] copies = new Tensor[rows / one.dim(0)];
        Arrays.fill(copies, one);
        return run.stack(copies);
    }
}
