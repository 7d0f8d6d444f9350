package org.daguerre.control;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Control picture -> features at latent size: pairs of convolutions, the second of each with stride 2, SiLU after all
 * but the last.
 */
record HintEmbedding(Conv2d convIn, List<Conv2d> blocks, Conv2d convOut) {

    /**
     * @param channels widths at each resolution, the picture's first
     * @param out channels of the first level of the U-Net
     */
    static HintEmbedding load(Params p, int[] channels, int out) {
        List<Conv2d> blocks = new ArrayList<>();
        for (int i = 0; i + 1 < channels.length; i++) {
            blocks.add(Conv2d.load(p.sub("blocks." + 2 * i), channels[i], channels[i], 3));
            blocks.add(Conv2d.load(p.sub("blocks." + (2 * i + 1)), channels[i], channels[i + 1], 3));
        }
        return new HintEmbedding(Conv2d.load(p.sub("conv_in"), 3, channels[0], 3), blocks,
            Conv2d.load(p.sub("conv_out"), channels[channels.length - 1], out, 3));
    }

    /** How many picture pixels one feature is wide. */
    int factor() {
        return 1 << blocks.size() / 2;
    }

    /** image [N, H, W, 3] in the activations' type -> [N, h, w, out]. */
    Tensor forward(Ops parent, Tensor image) {
        return parent.scoped(ops -> {
            Tensor h = convIn.forward(ops, image, Activation.SILU);
            for (int i = 0; i < blocks.size(); i++) {
                Tensor before = h;
                Conv2d conv = blocks.get(i);
                h = i % 2 == 0 ? conv.forward(ops, h, Activation.SILU) : conv.halved(ops, h, Activation.SILU);
                ops.release(before);
            }
            return convOut.forward(ops, h);
        });
    }
}
