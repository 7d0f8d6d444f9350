package org.daguerre.depth;

import java.util.Optional;
import org.daguerre.nn.GroupNorm;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Residual block of a ResNet (He et al. 2016) with group norms: 1x1 to fewer channels, 3x3, 1x1 to more; then ReLU of
 * the sum.
 */
record Bottleneck(SameConv conv1, GroupNorm norm1, SameConv conv2, GroupNorm norm2, SameConv conv3, GroupNorm norm3,
                  Optional<SameConv> shortcut, Optional<GroupNorm> shortcutNorm) {
    static final float EPS = 1e-5f;

    static Bottleneck load(Params p, int in, int stride, int groups) {
        int middle = p.weights().shape("conv1.weight", 4).dim(0);
        int out = p.weights().shape("conv3.weight", 4).dim(0);
        boolean resizes = p.has("downsample.conv.weight");
        return new Bottleneck(SameConv.load(p.sub("conv1"), in, middle, 1, 1),
            GroupNorm.load(p.sub("norm1"), middle, groups, EPS),
            SameConv.load(p.sub("conv2"), middle, middle, 3, stride),
            GroupNorm.load(p.sub("norm2"), middle, groups, EPS),
            SameConv.load(p.sub("conv3"), middle, out, 1, 1),
            GroupNorm.load(p.sub("norm3"), out, groups, EPS),
            resizes ? Optional.of(SameConv.load(p.sub("downsample.conv"), in, out, 1, stride)) : Optional.empty(),
            resizes ? Optional.of(GroupNorm.load(p.sub("downsample.norm"), out, groups, EPS)) : Optional.empty());
    }

    int outChannels() {
        return conv3.weights().outChannels();
    }

    Tensor forward(Ops parent, Tensor x) {
        return parent.scoped(ops -> {
            Tensor rest = shortcut.isPresent() ? shortcutNorm.get().forward(ops, shortcut.get().forward(ops, x)) : x;
            Tensor h = norm1.forward(ops, conv1.forward(ops, x), null, Activation.RELU);
            h = norm2.forward(ops, conv2.forward(ops, h), null, Activation.RELU);
            h = norm3.forward(ops, conv3.forward(ops, h));
            return ops.activation(ops.add(h, rest), Activation.RELU);
        });
    }
}
