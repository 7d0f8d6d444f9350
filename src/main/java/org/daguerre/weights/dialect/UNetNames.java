package org.daguerre.weights.dialect;

/** LDM and SGM names of the U-Net and of the ControlNet. */
public final class UNetNames {
    private UNetNames() {
    }

    /** The table for a network of this layout. */
    public static NameTable table(UNetLayout layout) {
        NameTable t = NameTable.empty()
            .both("time_embed.0", "time_embedding.linear_1")
            .both("time_embed.2", "time_embedding.linear_2")
            .both("label_emb.0.0", "add_embedding.linear_1")
            .both("label_emb.0.2", "add_embedding.linear_2")
            .both("input_blocks.0.0", "conv_in")
            .both("out.0", "conv_norm_out")
            .both("out.2", "conv_out")
            .both("middle_block.1", "mid_block.attentions.0");
        resnet(t, "middle_block.0", "mid_block.resnets.0");
        resnet(t, "middle_block.2", "mid_block.resnets.1");
        for (int level = 0; level < layout.levels(); level++) {
            down(t, layout, level);
            up(t, layout, level);
        }
        if (layout.hintBlocks() > 0) {
            controlNet(t, layout);
        }
        return t;
    }

    private static void down(NameTable t, UNetLayout layout, int level) {
        int first = 1 + level * (layout.layers() + 1);
        String block = "down_blocks." + level;
        for (int r = 0; r < layout.layers(); r++) {
            String input = "input_blocks." + (first + r);
            resnet(t, input + ".0", block + ".resnets." + r);
            t.both(input + ".1", block + ".attentions." + r);
        }
        t.both("input_blocks." + (first + layout.layers()) + ".0.op", block + ".downsamplers.0.conv");
    }

    private static void up(NameTable t, UNetLayout layout, int level) {
        int resnets = layout.layers() + 1;
        String block = "up_blocks." + level;
        for (int r = 0; r < resnets; r++) {
            String output = "output_blocks." + (level * resnets + r);
            resnet(t, output + ".0", block + ".resnets." + r);
            t.both(output + ".1", block + ".attentions." + r);
        }
        String last = "output_blocks." + (level * resnets + layout.layers());
        int upsampler = layout.upAttention().get(level) ? 2 : 1;
        t.both(last + "." + upsampler + ".conv", block + ".upsamplers.0.conv");
    }

    private static void resnet(NameTable t, String original, String diffusers) {
        t.both(original + ".in_layers.0", diffusers + ".norm1")
            .both(original + ".in_layers.2", diffusers + ".conv1")
            .both(original + ".emb_layers.1", diffusers + ".time_emb_proj")
            .both(original + ".out_layers.0", diffusers + ".norm2")
            .both(original + ".out_layers.3", diffusers + ".conv2")
            .both(original + ".skip_connection", diffusers + ".conv_shortcut");
    }

    private static void controlNet(NameTable t, UNetLayout layout) {
        String hint = "controlnet_cond_embedding.";
        t.both("input_hint_block.0", hint + "conv_in");
        for (int i = 0; i < layout.hintBlocks(); i++) {
            t.both("input_hint_block." + 2 * (i + 1), hint + "blocks." + i);
        }
        t.both("input_hint_block." + 2 * (layout.hintBlocks() + 1), hint + "conv_out");
        for (int i = 0; i < layout.levels() * (layout.layers() + 1); i++) {
            t.both("zero_convs." + i + ".0", "controlnet_down_blocks." + i);
        }
        t.both("middle_block_out.0", "controlnet_mid_block");
    }
}
