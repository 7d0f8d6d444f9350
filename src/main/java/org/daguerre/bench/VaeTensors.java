package org.daguerre.bench;

import java.util.List;
import java.util.Map;
import org.daguerre.tensor.Shape;
import org.daguerre.vae.VaeConfig;

/** Names and shapes of an autoencoder's weights, worked out from its configuration, in the diffusers layout. */
final class VaeTensors {
    private VaeTensors() {
    }

    static Map<String, Shape> of(VaeConfig config) {
        TensorList all = TensorList.empty();
        int latent = config.latentChannels();
        encoder(all.sub("encoder"), config);
        decoder(all.sub("decoder"), config);
        all.conv("quant_conv", 2 * latent, 2 * latent, 1);
        all.conv("post_quant_conv", latent, latent, 1);
        return all.shapes();
    }

    private static void encoder(TensorList t, VaeConfig config) {
        int[] channels = config.channels();
        int width = channels[0];
        t.conv("conv_in", width, 3, 3);
        for (int i = 0; i < channels.length; i++) {
            TensorList block = t.sub("down_blocks." + i);
            width = resnets(block, config.layersPerBlock(), width, channels[i]);
            if (i < channels.length - 1) {
                block.conv("downsamplers.0.conv", width, width, 3);
            }
        }
        middle(t.sub("mid_block"), width);
        t.norm("conv_norm_out", width);
        t.conv("conv_out", 2 * config.latentChannels(), width, 3);
    }

    private static void decoder(TensorList t, VaeConfig config) {
        int[] channels = config.channels();
        int width = channels[channels.length - 1];
        t.conv("conv_in", width, config.latentChannels(), 3);
        middle(t.sub("mid_block"), width);
        for (int i = 0; i < channels.length; i++) {
            TensorList block = t.sub("up_blocks." + i);
            width = resnets(block, config.layersPerBlock() + 1, width, channels[channels.length - 1 - i]);
            if (i < channels.length - 1) {
                block.conv("upsamplers.0.conv", width, width, 3);
            }
        }
        t.norm("conv_norm_out", width);
        t.conv("conv_out", 3, width, 3);
    }

    private static int resnets(TensorList block, int count, int in, int out) {
        int width = in;
        for (int j = 0; j < count; j++) {
            block.resnet("resnets." + j, width, out, 0);
            width = out;
        }
        return width;
    }

    private static void middle(TensorList t, int width) {
        t.resnet("resnets.0", width, width, 0);
        TensorList a = t.sub("attentions.0");
        a.norm("group_norm", width);
        for (String name : List.of("to_q", "to_k", "to_v", "to_out.0")) {
            a.linear(name, width, width);
        }
        t.resnet("resnets.1", width, width, 0);
    }
}
