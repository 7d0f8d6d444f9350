package org.daguerre.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.daguerre.tensor.Shape;
import org.daguerre.unet.UNetConfig;

/** Names and shapes of a U-Net's weights, worked out from its configuration, in the diffusers layout. */
final class UNetTensors {
    private final UNetConfig config;
    private final TensorList all = TensorList.empty();
    /** Widths of the features that the way up will join. */
    private final Deque<Integer> skips = new ArrayDeque<>();

    private UNetTensors(UNetConfig config) {
        this.config = config;
    }

    static Map<String, Shape> of(UNetConfig config) {
        UNetTensors u = new UNetTensors(config);
        u.ends();
        u.down();
        u.middle();
        u.up();
        return u.all.shapes();
    }

    private void ends() {
        int first = config.channels()[0];
        int time = config.timeDim();
        all.conv("conv_in", first, config.inChannels(), 3);
        all.linear("time_embedding.linear_1", time, first);
        all.linear("time_embedding.linear_2", time, time);
        if (config.addedDim() > 0) {
            all.linear("add_embedding.linear_1", time, config.addedDim());
            all.linear("add_embedding.linear_2", time, time);
        }
        all.norm("conv_norm_out", first);
        all.conv("conv_out", config.outChannels(), first, 3);
    }

    private void down() {
        int[] channels = config.channels();
        int width = channels[0];
        skips.push(width);
        for (int i = 0; i < channels.length; i++) {
            TensorList block = all.sub("down_blocks." + i);
            for (int j = 0; j < config.layersPerBlock(); j++) {
                block.resnet("resnets." + j, width, channels[i], config.timeDim());
                width = channels[i];
                if (config.attention()[i]) {
                    transformer(block.sub("attentions." + j), width, config.transformerDepth()[i]);
                }
                skips.push(width);
            }
            if (i < channels.length - 1) {
                block.conv("downsamplers.0.conv", width, width, 3);
                skips.push(width);
            }
        }
    }

    private void middle() {
        int last = config.channels().length - 1;
        int width = config.channels()[last];
        TensorList block = all.sub("mid_block");
        block.resnet("resnets.0", width, width, config.timeDim());
        transformer(block.sub("attentions.0"), width, config.transformerDepth()[last]);
        block.resnet("resnets.1", width, width, config.timeDim());
    }

    private void up() {
        int[] channels = config.channels();
        int width = channels[channels.length - 1];
        for (int i = 0; i < channels.length; i++) {
            int level = channels.length - 1 - i;
            TensorList block = all.sub("up_blocks." + i);
            for (int j = 0; j <= config.layersPerBlock(); j++) {
                block.resnet("resnets." + j, width + skips.pop(), channels[level], config.timeDim());
                width = channels[level];
                if (config.attention()[level]) {
                    transformer(block.sub("attentions." + j), width, config.transformerDepth()[level]);
                }
            }
            if (level > 0) {
                block.conv("upsamplers.0.conv", width, width, 3);
            }
        }
    }

    private void transformer(TensorList t, int width, int depth) {
        t.norm("norm", width);
        projection(t, "proj_in", width);
        for (int k = 0; k < depth; k++) {
            TensorList b = t.sub("transformer_blocks." + k);
            b.norm("norm1", width);
            attention(b.sub("attn1"), width, width);
            b.norm("norm2", width);
            attention(b.sub("attn2"), width, config.crossDim());
            b.norm("norm3", width);
            b.linear("ff.net.0.proj", 8 * width, width);
            b.linear("ff.net.2", width, 4 * width);
        }
        projection(t, "proj_out", width);
    }

    private void projection(TensorList t, String name, int width) {
        if (config.linearProjection()) {
            t.linear(name, width, width);
        } else {
            t.conv(name, width, width, 1);
        }
    }

    private static void attention(TensorList a, int width, int context) {
        a.weight("to_q", width, width);
        a.weight("to_k", width, context);
        a.weight("to_v", width, context);
        a.linear("to_out.0", width, width);
    }
}
