package org.daguerre.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.daguerre.Trace;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.StepListener;
import org.daguerre.model.Conditioning;
import org.daguerre.model.Model;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/** Collects what a run computes on the way, if anybody asked for it. */
final class Tracing {
    private final Optional<Trace> to;
    private final List<float[]> steps = new ArrayList<>();
    private final List<float[]> decoded = new ArrayList<>();
    private Shape stepShape;
    private Shape pictureShape;

    Tracing(Optional<Trace> to) {
        this.to = to;
    }

    private void record(String name, float[] values, int... dims) {
        to.ifPresent(t -> t.record(HostTensor.of(name, Shape.of(dims), values)));
    }

    void prompts(Model model, Conditions.Pair prompts) {
        if (to.isPresent()) {
            Conditioning p = prompts.positive().first();
            Conditioning n = prompts.negative().first();
            float[] ids = new float[p.ids().length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = p.ids()[i];
            }
            record("token_ids", ids, ids.length / 77, 77);
            to.get().record(p.contextTensor("context"));
            to.get().record(n.contextTensor("negative_context"));
            if (p.pooled().length > 0) {
                to.get().record(p.pooledTensor("pooled"));
                to.get().record(n.pooledTensor("negative_pooled"));
            }
        }
    }

    void schedule(Plan plan) {
        if (to.isPresent()) {
            record("timesteps", floats(plan.timesteps()), plan.count());
            double[] sigmas = plan.sigmas();
            if (sigmas.length > 0) {
                record("sigmas", floats(sigmas), sigmas.length);
            }
        }
    }

    private static float[] floats(double[] values) {
        float[] f = new float[values.length];
        for (int i = 0; i < f.length; i++) {
            f[i] = (float) values[i];
        }
        return f;
    }

    /** x [N, h, w, C] is recorded as [N, C, h, w]. */
    void latents(Ops parent, String name, Tensor x) {
        if (to.isPresent()) {
            try (Ops ops = parent.child()) {
                Tensor t = ops.toNchw(x);
                record(name, ops.download(t), t.shape().toArray());
            }
        }
    }

    void step(StepListener.Event event) {
        if (to.isPresent()) {
            Tensor t = event.ops().toNchw(event.latents());
            stepShape = t.shape();
            steps.add(event.ops().download(t));
        }
    }

    void steps() {
        if (to.isPresent()) {
            record("latents", join(steps), prepend(steps.size(), stepShape));
        }
    }

    /** One decoded picture [1, H, W, 3]. */
    void decoded(Ops parent, Tensor picture) {
        if (to.isPresent()) {
            try (Ops ops = parent.child()) {
                Tensor t = ops.toNchw(ops.cast(picture, DType.F32));
                pictureShape = t.shape();
                decoded.add(ops.download(t));
            }
        }
    }

    void allDecoded() {
        if (to.isPresent()) {
            record("decoded", join(decoded), decoded.size(), pictureShape.dim(1), pictureShape.dim(2), pictureShape.dim(3));
        }
    }

    private static int[] prepend(int first, Shape rest) {
        int[] dims = new int[rest.rank() + 1];
        dims[0] = first;
        System.arraycopy(rest.toArray(), 0, dims, 1, rest.rank());
        return dims;
    }

    private static float[] join(List<float[]> parts) {
        int size = parts.get(0).length;
        float[] all = new float[parts.size() * size];
        for (int i = 0; i < parts.size(); i++) {
            System.arraycopy(parts.get(i), 0, all, i * size, size);
        }
        return all;
    }
}
