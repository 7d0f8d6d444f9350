package org.daguerre.depth;

import java.util.Optional;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Tokens -> feature map (section 3.1): each token is joined with the class token and projected; then 1x1, and perhaps
 * half the size.
 */
record Reassemble(Linear readout, Conv2d projection, Optional<Conv2d> halve) {

    static Reassemble load(Params neck, int index, int width, int out) {
        Params layer = neck.sub("reassemble_stage.layers." + index);
        Params readout = neck.sub("reassemble_stage.readout_projects." + index + ".0");
        return new Reassemble(Linear.load(readout, 2 * width, width),
            Conv2d.load(layer.sub("projection"), width, out, 1),
            layer.has("resize.weight") ? Optional.of(Conv2d.load(layer.sub("resize"), out, out, 3)) : Optional.empty());
    }

    /** tokens [N, 1 + h w, C] -> [N, h, w, out], or half the sides. */
    Tensor forward(Ops parent, Tensor tokens, int height, int width) {
        return parent.scoped(ops -> {
            int n = tokens.dim(0);
            int length = height * width;
            int[] own = new int[n * length];
            int[] first = new int[n * length];
            for (int i = 0; i < own.length; i++) {
                first[i] = i / length * (length + 1);
                own[i] = first[i] + 1 + i % length;
            }
            // Looking rows up in the tokens themselves drops the class token, and repeats it.
            Tensor table = tokens.reshape(n * (length + 1), tokens.dim(2));
            Tensor joined = ops.concat(ops.embedding(ops.uploadIds(own, n, length), table, null),
                ops.embedding(ops.uploadIds(first, n, length), table, null));
            Tensor h = readout.forward(ops, joined, Activation.GELU).reshape(n, height, width, tokens.dim(2));
            Tensor y = projection.forward(ops, h);
            return halve.isPresent() ? halve.get().halved(ops, y) : y;
        });
    }
}
