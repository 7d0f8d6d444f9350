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

/** Latents -> picture: middle block, then per level ResNet blocks and twice the size. */
final class VaeDecoder {
    private record Level(String name, List<VaeResBlock> resnets, Optional<Conv2d> upsample) {
    }

    private final Conv2d postQuant;
    private final Conv2d convIn;
    private final VaeMiddle middle;
    private final List<Level> levels = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;

    private VaeDecoder(Params root, VaeConfig c) {
        Params p = root.sub("decoder");
        int last = c.channels()[c.levels() - 1];
        postQuant = Conv2d.load(root.sub("post_quant_conv"), c.latentChannels(), c.latentChannels(), 1);
        convIn = Conv2d.load(p.sub("conv_in"), c.latentChannels(), last, 3);
        middle = VaeMiddle.load(p.sub("mid_block"), last, c.groups());
        int in = last;
        for (int i = 0; i < c.levels(); i++) {
            int out = c.channels()[c.levels() - 1 - i];
            Params block = p.sub("up_blocks." + i);
            List<VaeResBlock> resnets = new ArrayList<>();
            for (int j = 0; j <= c.layersPerBlock(); j++) {
                resnets.add(VaeResBlock.load(block.sub("resnets." + j), j == 0 ? in : out, out, c.groups()));
            }
            levels.add(new Level("up_blocks." + i, resnets, i == c.levels() - 1 ? Optional.empty()
                : Optional.of(Conv2d.load(block.sub("upsamplers.0.conv"), out, out, 3))));
            in = out;
        }
        normOut = GroupNorm.load(p.sub("conv_norm_out"), in, c.groups(), VaeResBlock.EPS);
        convOut = Conv2d.load(p.sub("conv_out"), in, 3, 3);
    }

    static VaeDecoder load(Params root, VaeConfig c) {
        return new VaeDecoder(root, c);
    }

    /** x [N, h, w, latent channels] of the activations' type -> [N, H, W, 3]. */
    Tensor forward(Ops parent, Tensor x, Probe probe) {
        try (Ops ops = parent.child()) {
            Tensor h = convIn.forward(ops, postQuant.forward(ops, x));
            probe.see(ops, "conv_in", h);
            h = replace(ops, h, middle.forward(ops, h, probe));
            for (Level level : levels) {
                for (int i = 0; i < level.resnets().size(); i++) {
                    h = replace(ops, h, level.resnets().get(i).forward(ops, h));
                    probe.see(ops, level.name() + ".resnets." + i, h);
                }
                if (level.upsample().isPresent()) {
                    h = replace(ops, h, level.upsample().get().upsampled(ops, h, 2 * h.dim(1), 2 * h.dim(2)));
                    probe.see(ops, level.name() + ".upsamplers.0", h);
                }
            }
            h = replace(ops, h, normOut.forward(ops, h, null, Activation.SILU));
            probe.see(ops, "conv_norm_out", h);
            Tensor y = convOut.forward(ops, h);
            probe.see(ops, "conv_out", y);
            return ops.lift(y);
        }
    }

    /** Frees the input of a layer once its result is there: pictures are large. */
    static Tensor replace(Ops ops, Tensor old, Tensor fresh) {
        ops.release(old);
        return fresh;
    }
}
