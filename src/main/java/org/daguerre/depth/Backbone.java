package org.daguerre.depth;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.GroupNorm;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** ResNetV2-50 of "Big Transfer" (Kolesnikov et al. 2020) without its last stage: features at strides 4, 8 and 16. */
final class Backbone {
    private static final int POOL = 3;

    private final SameConv stem;
    private final GroupNorm stemNorm;
    private final List<List<Bottleneck>> stages = new ArrayList<>();

    private Backbone(Params p, int groups) {
        int width = p.weights().shape("embedder.convolution.weight", 4).dim(0);
        stem = SameConv.load(p.sub("embedder.convolution"), 3, width, 7, 2);
        stemNorm = GroupNorm.load(p.sub("embedder.norm"), width, groups, Bottleneck.EPS);
        for (int s = 0; p.has("encoder.stages." + s); s++) {
            List<Bottleneck> stage = new ArrayList<>();
            for (int i = 0; p.has("encoder.stages." + s + ".layers." + i); i++) {
                int stride = s > 0 && i == 0 ? 2 : 1;
                Bottleneck layer = Bottleneck.load(p.sub("encoder.stages." + s + ".layers." + i), width, stride,
                    groups);
                width = layer.outChannels();
                stage.add(layer);
            }
            stages.add(stage);
        }
    }

    /** @param p scope with standardised weights */
    static Backbone load(Params p, int groups) {
        return new Backbone(p, groups);
    }

    /** Channels of the last features. */
    int outChannels() {
        List<Bottleneck> last = stages.get(stages.size() - 1);
        return last.get(last.size() - 1).outChannels();
    }

    int stages() {
        return stages.size();
    }

    /** x [N, H, W, 3] -> features of every stage; they belong to {@code ops}. */
    List<Tensor> forward(Ops ops, Tensor x, Probe probe) {
        Tensor h = ops.scoped(o -> {
            Tensor y = stemNorm.forward(o, stem.forward(o, x), null, Activation.RELU);
            int height = y.dim(1);
            int width = y.dim(2);
            return o.maxPool(y, POOL, 2, SameConv.before(height, POOL, 2), SameConv.before(width, POOL, 2),
                SameConv.outSize(height, 2), SameConv.outSize(width, 2));
        });
        probe.see(ops, "dpt.embeddings.backbone.bit.embedder", h);
        List<Tensor> features = new ArrayList<>();
        for (List<Bottleneck> stage : stages) {
            for (Bottleneck layer : stage) {
                Tensor before = h;
                h = layer.forward(ops, h);
                if (!features.contains(before)) {
                    ops.release(before);
                }
            }
            features.add(h);
        }
        return features;
    }
}
