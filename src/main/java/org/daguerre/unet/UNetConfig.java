package org.daguerre.unet;

import java.util.List;
import org.daguerre.weights.JsonConfig;

/**
 * The numbers that make one U-Net. Lists have one entry per level, highest resolution first.
 *
 * @param attention         whether a level has transformers
 * @param heads             attention heads; the file's {@code attention_head_dim} holds the NUMBER of heads
 * @param transformerDepth  blocks per transformer; the middle uses the last entry
 * @param crossDim          width of the text context
 * @param linearProjection  whether proj_in/proj_out are stored as matrices (the numbers are the same)
 * @param addedTimeDim      width of each added size embedding (SDXL), 0 without
 * @param addedDim          width of the added vector (pooled text and sizes), 0 without
 */
public record UNetConfig(int inChannels, int outChannels, int[] channels, int layersPerBlock, boolean[] attention, int[] heads,
                         int[] transformerDepth, int crossDim, boolean linearProjection, int groups, float eps, int addedTimeDim,
                         int addedDim) {

    /** From a diffusers {@code config.json}; keys that are missing take diffusers' defaults. */
    public static UNetConfig of(JsonConfig c) {
        int[] channels = c.getInts("block_out_channels", 320, 640, 1280, 1280);
        List<String> types = c.getStrings("down_block_types",
            List.of("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"));
        boolean[] attention = new boolean[channels.length];
        for (int i = 0; i < channels.length; i++) {
            attention[i] = types.get(i).startsWith("CrossAttn");
        }
        int[] heads = c.getInts(c.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim", 8);
        boolean added = "text_time".equals(c.getString("addition_embed_type", ""));
        return new UNetConfig(c.getInt("in_channels", 4), c.getInt("out_channels", 4), channels, c.getInt("layers_per_block", 2), attention,
            perLevel(heads, channels.length), perLevel(c.getInts("transformer_layers_per_block", 1), channels.length),
            c.getInt("cross_attention_dim", 1280), c.getBoolean("use_linear_projection", false), c.getInt("norm_num_groups", 32),
            (float) c.getDouble("norm_eps", 1e-5), added ? c.getInt("addition_time_embed_dim") : 0,
            added ? c.getInt("projection_class_embeddings_input_dim") : 0);
    }

    private static int[] perLevel(int[] values, int levels) {
        int[] all = new int[levels];
        for (int i = 0; i < levels; i++) {
            all[i] = values[values.length == 1 ? 0 : i];
        }
        return all;
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
