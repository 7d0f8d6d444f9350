package org.daguerre.unet;

import java.util.List;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.JsonConfig;

/**
 * The numbers that make one U-Net. Lists have one entry per level, highest resolution first.
 *
 * @param attention         whether a level has transformers
 * @param heads             attention heads; the file's {@code attention_head_dim} holds the NUMBER of heads
 * @param transformerDepth  blocks per transformer; the middle uses the last entry
 * @param middleAttention   whether the middle is ResNet, transformer, ResNet; reduced ControlNets have one ResNet there
 * @param crossDim          width of the text context
 * @param linearProjection  whether proj_in/proj_out are stored as matrices (the numbers are the same)
 * @param addedTimeDim      width of each added size embedding (SDXL), 0 without
 * @param addedDim          width of the added vector (pooled text and sizes), 0 without
 */
public record UNetConfig(int inChannels, int outChannels, int[] channels, int layersPerBlock, boolean[] attention, int[] heads,
                         int[] transformerDepth, boolean middleAttention, int crossDim, boolean linearProjection, int groups, float eps,
                         int addedTimeDim, int addedDim) {

    /** From a diffusers {@code config.json}; keys that are missing take diffusers' defaults. */
    public static UNetConfig of(JsonConfig c) {
        int[] channels = c.getLevels("block_out_channels", 320, 640, 1280, 1280);
        List<String> types = c.getStrings("down_block_types",
            List.of("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"));
        if (types.size() < channels.length) {
            throw CheckpointException.of(c.file(), channels.length + " down_block_types", "" + types.size());
        }
        boolean[] attention = new boolean[channels.length];
        for (int i = 0; i < channels.length; i++) {
            attention[i] = types.get(i).startsWith("CrossAttn");
        }
        String heads = c.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        boolean added = "text_time".equals(c.getString("addition_embed_type", ""));
        return new UNetConfig(c.getCount("in_channels", 4), c.getCount("out_channels", 4), channels,
            c.getCount("layers_per_block", 2), attention, c.getCounts(heads, channels.length, 1, 8),
            c.getCounts("transformer_layers_per_block", channels.length, 0, 1), middleAttention(c), c.getCount("cross_attention_dim", 1280),
            c.getBoolean("use_linear_projection", false), c.getCount("norm_num_groups", 32),
            (float) c.getDouble("norm_eps", 1e-5), added ? c.getCount("addition_time_embed_dim") : 0,
            added ? c.getCount("projection_class_embeddings_input_dim") : 0);
    }

    private static boolean middleAttention(JsonConfig c) {
        String type = c.getString("mid_block_type", "UNetMidBlock2DCrossAttn");
        return switch (type) {
            case "UNetMidBlock2DCrossAttn" -> true;
            case "UNetMidBlock2D" -> false;
            default -> throw CheckpointException.of(c.file(), "UNetMidBlock2DCrossAttn or UNetMidBlock2D as mid_block_type", type);
        };
    }

    public int levels() {
        return channels.length;
    }

    /** Width of the time embedding. */
    public int timeDim() {
        return 4 * channels[0];
    }

    /** Latent sides that are multiples of this need no odd-size handling. */
    public int stride() {
        return 1 << (channels.length - 1);
    }
}
