package org.daguerre.depth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.Weights;

/**
 * The network: two feature maps of the backbone and two of the transformer, fused from coarse to fine into a depth map.
 */
public final class DptHybrid implements AutoCloseable {
    /** Sides of the input are multiples of this. */
    public static final int MULTIPLE = 32;
    private static final int LEVELS = 4;
    private static final int FROM_BACKBONE = 2;

    private final ModelMemory memory;
    private final Backbone backbone;
    private final Vit vit;
    private final List<Integer> hooks;
    private final List<Reassemble> reassemble = new ArrayList<>();
    private final List<Conv2d> neck = new ArrayList<>();
    private final List<Fusion> fusion = new ArrayList<>();
    private final Conv2d head0;
    private final Conv2d head2;
    private final Conv2d head4;

    private DptHybrid(Params p, JsonConfig c) {
        memory = p.memory();
        String bit = "dpt.embeddings.backbone.bit";
        Weights standardized = Weights.of(new StandardizedWeights(p.weights().sub(bit)));
        backbone = Backbone.load(new Params(standardized, memory), c.sub("backbone_config").getInt("num_groups", 32));
        vit = Vit.load(p.sub("dpt"), backbone.outChannels(), c);
        int[] indices = c.getInts("backbone_out_indices");
        int[] sizes = c.getInts("neck_hidden_sizes");
        if (indices.length != LEVELS || sizes.length != LEVELS || backbone.stages() != FROM_BACKBONE + 1) {
            throw CheckpointException.of(c.file(),
                LEVELS + " levels, " + FROM_BACKBONE + " of them from a backbone of three stages",
                indices.length + " and " + sizes.length + " levels, " + backbone.stages() + " stages");
        }
        hooks = Arrays.stream(indices).boxed().toList().subList(FROM_BACKBONE, LEVELS);
        int width = c.getInt("fusion_hidden_size");
        for (int i = 0; i < LEVELS; i++) {
            if (i >= FROM_BACKBONE) {
                reassemble.add(Reassemble.load(p.sub("neck"), i, c.getInt("hidden_size"), sizes[i]));
            }
            neck.add(Conv2d.load(p.sub("neck.convs." + i).withoutBias(), sizes[i], width, 3));
            fusion.add(Fusion.load(p.sub("neck.fusion_stage.layers." + i), width, i == 0));
        }
        int narrow = p.weights().shape("head.head.2.weight", 4).dim(0);
        head0 = Conv2d.load(p.sub("head.head.0"), width, width / 2, 3);
        head2 = Conv2d.load(p.sub("head.head.2"), width / 2, narrow, 3);
        head4 = Conv2d.load(p.sub("head.head.4"), narrow, 1, 1);
    }

    /**
     * @param ops    an arena of its own, in the type of the activations
     * @param w      under transformers' names
     * @param config of a {@code DPTForDepthEstimation} with {@code is_hybrid}
     */
    public static DptHybrid load(Ops ops, Weights w, JsonConfig config) {
        ModelMemory memory = new ModelMemory(ops);
        try {
            return new DptHybrid(new Params(w, memory), config);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    public Ops ops() {
        return memory.ops();
    }

    /**
     * @param x [N, H, W, 3] in -1..1 in the activations' type, sides multiples of {@link #MULTIPLE}
     * @return [N, H, W, 1] inverse relative depth, not negative: larger is nearer
     */
    public Tensor forward(Ops parent, Tensor x, Probe probe) {
        if (x.dim(1) % MULTIPLE != 0 || x.dim(2) % MULTIPLE != 0) {
            throw new IllegalArgumentException("depth: expected sides that are multiples of " + MULTIPLE + ", found "
                + x.shape());
        }
        return parent.scoped(ops -> {
            List<Tensor> levels = levels(ops, x, probe);
            Tensor h = null;
            for (int i = 0; i < LEVELS; i++) {
                h = fusion.get(i).forward(ops, h, levels.get(LEVELS - 1 - i));
                probe.see(ops, "neck.fusion_stage.layers." + i, h);
            }
            Tensor y = head0.forward(ops, h);
            y = ops.resize(y, 2 * y.dim(1), 2 * y.dim(2), Backend.Resize.BILINEAR_CORNERS);
            return head4.forward(ops, head2.forward(ops, y, Activation.RELU), Activation.RELU);
        });
    }

    /** Features of equal width, finest first. */
    private List<Tensor> levels(Ops ops, Tensor x, Probe probe) {
        List<Tensor> features = backbone.forward(ops, x, probe);
        Tensor coarse = features.get(FROM_BACKBONE);
        List<Tensor> tokens = vit.forward(ops, coarse, hooks, probe);
        List<Tensor> levels = new ArrayList<>();
        for (int i = 0; i < LEVELS; i++) {
            int j = i - FROM_BACKBONE;
            Tensor level = j < 0 ? features.get(i)
                : reassemble.get(j).forward(ops, tokens.get(j), coarse.dim(1), coarse.dim(2));
            levels.add(neck.get(i).forward(ops, level));
            probe.see(ops, "neck.convs." + i, levels.get(i));
        }
        return levels;
    }

    @Override
    public void close() {
        memory.close();
    }
}
