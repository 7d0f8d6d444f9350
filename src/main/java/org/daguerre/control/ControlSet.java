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

    /** One net at work. */
    private static final class Member {
        private final ControlNet net;
        private final double scale;
        private final double start;
        private final double end;
        private final Map<Integer, Tensor> hints = new HashMap<>();
        private final Map<Tensor, Tensor[]> texts = new IdentityHashMap<>();

        Member(ControlNet net, double scale, double start, double end) {
            this.net = net;
            this.scale = scale;
            this.start = start;
            this.end = end;
        }

        /** In A1111's and diffusers' terms: a step counts from where it begins. */
        boolean works(double progress) {
            return scale != 0 && progress >= start && (progress < end || end == 1);
        }
    }

    /**
     * Adds a net.
     *
     * @param image [1 or N, H, W, 3] in 0..1, factor times the size of the latents
     * @param start fraction of the steps from which it works
     * @param end   fraction of the steps until which it works
     */
    public ControlSet add(ControlNet net, Tensor image, double scale, double start, double end) {
        Member member = new Member(net, scale, start, end);
        member.hints.put(image.dim(0), net.embedHint(run, image));
        members.add(member);
        return this;
    }

    /**
     * What the nets say at one step.
     *
     * @param x        [rows, h, w, C] scaled latents in the activations' type, without extra channels; rows is a
     *                 multiple of N
     * @param context  [rows, L, D] text features; the same tensor object means the same content
     * @param added    [rows, addedDim] or null
     * @param progress fraction of the steps done, 0..1
     * @return null if no net works at this step
     */
    public ControlResiduals residuals(Ops ops, Tensor x, double timestep, Tensor context, Tensor added,
                                      double progress) {
        List<ControlResiduals.Net> nets = new ArrayList<>();
        for (Member m : members) {
            if (m.works(progress)) {
                Tensor[] text = m.texts.computeIfAbsent(context, c -> m.net.projectText(run, c));
                Tensor hint = m.hints.computeIfAbsent(x.dim(0), rows -> repeat(m, rows));
                Tensor time = m.net.embedTime(ops, ops.upload(new float[] {(float) timestep}, 1), added);
                nets.add(m.net.forward(ops, x, hint, new StepContext(time, text, null, Probe.NONE), m.scale));
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
