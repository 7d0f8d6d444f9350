package org.daguerre.vae;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.GroupNorm;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Picture -> mean and log variance of the latents' distribution. */
final class VaeEncoder {
    private record Level(List<VaeResBlock> resnets, Optional<Conv2d> downsample) {
    }

    private final Conv2d convIn;
    private final List<Level> levels = new ArrayList<>();
    private final VaeMiddle middle;
    private final GroupNorm normOut;
    private final Conv2d convOut;
    private final Conv2d quant;

    private VaeEncoder(Params root, VaeConfig c) {
        Params p = root.sub("encoder");
        convIn = Conv2d.load(p.sub("conv_in"), 3, c.channels()[0], 3);
        int in = c.channels()[0];
        for (int i = 0; i < c.levels(); i++) {
            int out = c.channels()[i];
            Params block = p.sub("down_blocks." + i);
            List<VaeResBlock> resnets = new ArrayList<>();
            for (int j = 0; j < c.layersPerBlock(); j++) {
                resnets.add(VaeResBlock.load(block.sub("resnets." + j), j == 0 ? in : out, out, c.groups()));
            }
            levels.add(new Level(resnets, i == c.levels() - 1 ? Optional.empty()
                : Optional.of(Conv2d.load(block.sub("downsamplers.0.conv"), out, out, 3))));
            in = out;
        }
        middle = VaeMiddle.load(p.sub("mid_block"), in, c.groups());
        normOut = GroupNorm.load(p.sub("conv_norm_out"), in, c.groups(), VaeResBlock.EPS);
        convOut = Conv2d.load(p.sub("conv_out"), in, 2 * c.latentChannels(), 3);
        quant = Conv2d.load(root.sub("quant_conv"), 2 * c.latentChannels(), 2 * c.latentChannels(), 1);
    }

    static VaeEncoder load(Params root, VaeConfig c) {
        return new VaeEncoder(root, c);
    }

    /** x [N, H, W, 3] of the activations' type -> [N, h, w, 2 latent channels]: mean, then log variance. */
    Tensor forward(Ops parent, Tensor x, Probe probe) {
        try (Ops ops = parent.child()) {
            Tensor h = convIn.forward(ops, x);
            for (int i = 0; i < levels.size(); i++) {
                for (VaeResBlock resnet : levels.get(i).resnets()) {
                    h = VaeDecoder.replace(ops, h, resnet.forward(ops, h));
                }
                if (levels.get(i).downsample().isPresent()) {
                    h = VaeDecoder.replace(ops, h, levels.get(i).downsample().get().halvedBottomRight(ops, h));
                    probe.see(ops, "down_blocks." + i + ".downsamplers.0", h);
                }
            }
            h = VaeDecoder.replace(ops, h, middle.forward(ops, h, probe));
            h = VaeDecoder.replace(ops, h, normOut.forward(ops, h, null, Activation.SILU));
            return ops.lift(quant.forward(ops, convOut.forward(ops, h)));
        }
    }
}
