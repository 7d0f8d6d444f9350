package org.daguerre.weights.dialect;

import java.util.Collection;
import java.util.List;

/** LDM names of the variational autoencoder, and the older diffusers names of its attention. */
public final class VaeNames {
    private static final List<String> HALVES = List.of("encoder", "decoder");

    private VaeNames() {
    }

    /** The table for the original names found below {@code prefix}. */
    public static NameTable ofOriginal(Collection<String> all, String prefix) {
        Names names = new Names(all, prefix);
        return table(Math.max(names.count("encoder.down."), names.count("decoder.up.")),
            Math.max(names.count("encoder.down.0.block."), names.count("decoder.up.0.block.")));
    }

    /** The table for the diffusers names given. */
    public static NameTable ofDiffusers(Collection<String> all) {
        Names names = new Names(all);
        return table(Math.max(names.count("encoder.down_blocks."), names.count("decoder.up_blocks.")),
            Math.max(names.count("encoder.down_blocks.0.resnets."), names.count("decoder.up_blocks.0.resnets.")));
    }

    private static NameTable table(int levels, int layers) {
        NameTable t = NameTable.empty()
            .both("quant_conv", "quant_conv")
            .both("post_quant_conv", "post_quant_conv")
            .skip("loss", "training loss of the autoencoder")
            .skip("model_ema", "EMA copy");
        for (String half : HALVES) {
            t.both(half + ".conv_in", half + ".conv_in")
                .both(half + ".norm_out", half + ".conv_norm_out")
                .both(half + ".conv_out", half + ".conv_out");
            resnet(t, half + ".mid.block_1", half + ".mid_block.resnets.0");
            resnet(t, half + ".mid.block_2", half + ".mid_block.resnets.1");
            attention(t, half + ".mid.attn_1", half + ".mid_block.attentions.0");
        }
        for (int i = 0; i < levels; i++) {
            String down = "encoder.down." + i;
            String up = "decoder.up." + (levels - 1 - i); // the original counts from the high resolution
            for (int r = 0; r < layers; r++) {
                resnet(t, down + ".block." + r, "encoder.down_blocks." + i + ".resnets." + r);
                resnet(t, up + ".block." + r, "decoder.up_blocks." + i + ".resnets." + r);
            }
            t.both(down + ".downsample.conv", "encoder.down_blocks." + i + ".downsamplers.0.conv")
                .both(up + ".upsample.conv", "decoder.up_blocks." + i + ".upsamplers.0.conv");
        }
        return t;
    }

    private static void resnet(NameTable t, String original, String diffusers) {
        for (String part : List.of("norm1", "conv1", "norm2", "conv2")) {
            t.both(original + "." + part, diffusers + "." + part);
        }
        t.both(original + ".nin_shortcut", diffusers + ".conv_shortcut");
    }

    private static void attention(NameTable t, String original, String diffusers) {
        t.both(original + ".norm", diffusers + ".group_norm")
            .matrix(original + ".q", diffusers + ".to_q")
            .matrix(original + ".k", diffusers + ".to_k")
            .matrix(original + ".v", diffusers + ".to_v")
            .matrix(original + ".proj_out", diffusers + ".to_out.0")
            .alias(original + ".to_q", diffusers + ".to_q")
            .alias(original + ".to_k", diffusers + ".to_k")
            .alias(original + ".to_v", diffusers + ".to_v")
            .alias(original + ".to_out.0", diffusers + ".to_out.0");
    }

    /** Diffusers names as they are, except that those before version 0.16 called the attention's parts otherwise. */
    public static NameTable ofDiffusersFile() {
        NameTable t = NameTable.identity();
        for (String half : HALVES) {
            String attention = half + ".mid_block.attentions.0";
            t.matrix(attention + ".query", attention + ".to_q")
                .matrix(attention + ".key", attention + ".to_k")
                .matrix(attention + ".value", attention + ".to_v")
                .matrix(attention + ".proj_attn", attention + ".to_out.0");
        }
        return t;
    }
}
