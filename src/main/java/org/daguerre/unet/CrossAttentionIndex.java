package org.daguerre.unet;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/**
 * The key and value projections of all cross-attention layers. They read only the prompt, so they run once per prompt, not once per
 * step; a layer finds its result under the number it got while loading.
 */
final class CrossAttentionIndex {
    private final List<PackedWeights> projections = new ArrayList<>();
    private final int crossDim;

    CrossAttentionIndex(int crossDim) {
        this.crossDim = crossDim;
    }

    /** Loads {@code to_k} and {@code to_v} of a layer as one matrix and returns the layer's number. */
    int add(Params attention, int channels) {
        projections.add(attention.withoutBias().stacked(crossDim, channels, "to_k", "to_v"));
        return projections.size() - 1;
    }

    /** context [N, L, crossDim] -> per layer [N, L, 2 C]: keys, then values. The results belong to {@code ops}. */
    Tensor[] project(Ops ops, Tensor context, ContextTransform hyper) {
        Tensor[] text = new Tensor[projections.size()];
        if (hyper == null || !hyper.applies(crossDim)) {
            for (int i = 0; i < text.length; i++) {
                text[i] = ops.linear(context, projections.get(i));
            }
            return text;
        }
        try (Ops inner = ops.child()) {
            Tensor k = hyper.forKeys(inner, context);
            Tensor v = hyper.forValues(inner, context);
            for (int i = 0; i < text.length; i++) {
                PackedWeights w = projections.get(i);
                text[i] = inner.lift(KeyValueColumns.project(inner, w, k, v, 0, w.outChannels() / 2));
            }
        }
        return text;
    }
}
