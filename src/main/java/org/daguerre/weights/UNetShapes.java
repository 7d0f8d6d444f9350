package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Configuration of a U-Net or ControlNet from the shapes of its weights (diffusers names). */
final class UNetShapes {
    private static final int NORM_GROUPS = 32;
    private static final int HEAD_WIDTH = 64;
    private static final int SD1_HEADS = 8;
    private static final int TIME_ID_WIDTH = 256;

    private final Weights w;
    private final List<Integer> channels = new ArrayList<>();
    private final List<Integer> depths = new ArrayList<>();

    UNetShapes(Checkpoint weights) {
        this.w = Weights.of(weights);
        for (int b = 0; w.has("down_blocks." + b + ".resnets.0.conv1.weight"); b++) {
            channels.add(w.shape("down_blocks." + b + ".resnets.0.conv1.weight", 4).dim(0));
            depths.add(depth("down_blocks." + b + ".attentions.0"));
        }
        if (channels.isEmpty() || channels.stream().anyMatch(c -> c == 0 || c % NORM_GROUPS != 0)) {
            throw ShapeConfigs.unknownSize(weights, "block widths divisible by " + NORM_GROUPS, channels.toString());
        }
    }

    private int depth(String attention) {
        int n = 0;
        while (w.has(attention + ".transformer_blocks." + n)) {
            n++;
        }
        return n;
    }

    ObjectNode unet(Family family, Prediction prediction) {
        ObjectNode c = common("UNet2DConditionModel");
        boolean v = prediction.type().equals("v_prediction");
        c.put("out_channels", w.shape("conv_out.weight", 4).dim(0));
        ArrayNode up = c.putArray("up_block_types");
        for (int b = channels.size() - 1; b >= 0; b--) {
            up.add(depths.get(b) > 0 ? "CrossAttnUpBlock2D" : "UpBlock2D");
        }
        c.put("sample_size", family == Family.SD2 && v ? 96 : family.latentSize());
        c.put("upcast_attention", family == Family.SD2 && v);
        return c;
    }

    ObjectNode controlNet() {
        ObjectNode c = common("ControlNetModel");
        Weights hint = w.sub("controlnet_cond_embedding");
        ArrayNode out = c.putArray("conditioning_embedding_out_channels");
        out.add(hint.shape("conv_in.weight", 4).dim(0));
        for (int i = 1; hint.has("blocks." + i + ".weight"); i += 2) {
            out.add(hint.shape("blocks." + i + ".weight", 4).dim(0));
        }
        c.put("global_pool_conditions", pooled());
        c.put("conditioning_channels", hint.shape("conv_in.weight", 4).dim(1));
        c.put("controlnet_conditioning_channel_order", "rgb");
        return c;
    }

    /** "shuffle", the one published net whose residuals are averaged over the picture, has the shapes of all others. */
    private boolean pooled() {
        return w.checkpoint().source().getFileName().toString().toLowerCase(Locale.ROOT).contains("shuffle");
    }

    private ObjectNode common(String className) {
        ObjectNode c = Json.newObject();
        c.put("_class_name", className);
        c.put("act_fn", "silu");
        c.put("in_channels", w.shape("conv_in.weight", 4).dim(1));
        c.put("flip_sin_to_cos", true);
        c.put("freq_shift", 0);
        c.put("downsample_padding", 1);
        c.put("norm_eps", 1e-5);
        c.put("norm_num_groups", NORM_GROUPS);
        c.put("layers_per_block", resnets());
        ArrayNode widths = c.putArray("block_out_channels");
        channels.forEach(widths::add);
        ArrayNode down = c.putArray("down_block_types");
        depths.forEach(d -> down.add(d > 0 ? "CrossAttnDownBlock2D" : "DownBlock2D"));
        c.put("mid_block_type", w.has("mid_block.attentions.0") ? "UNetMidBlock2DCrossAttn" : "UNetMidBlock2D");
        attention(c);
        if (w.has("add_embedding.linear_1.weight")) {
            c.put("addition_embed_type", "text_time");
            c.put("addition_time_embed_dim", TIME_ID_WIDTH);
            c.put("projection_class_embeddings_input_dim", w.shape("add_embedding.linear_1.weight", 2).dim(1));
        }
        return c;
    }

    private int resnets() {
        int n = 0;
        while (w.has("down_blocks.0.resnets." + n)) {
            n++;
        }
        return n;
    }

    private void attention(ObjectNode c) {
        int context = Components.contextWidth(w.checkpoint());
        if (context == 0 && w.has("add_embedding.linear_1.weight")) {
            context = Family.SDXL.contextWidth(); // of a reduced ControlNet without attention: nothing reads the text
        }
        boolean linear = w.names().stream().anyMatch(n -> n.endsWith(".proj_in.weight") && w.shape(n).rank() == 2);
        if (Family.ofContextWidth(context) == Family.UNKNOWN) {
            throw ShapeConfigs.unknownSize(w.checkpoint(), "text features of width 768, 1024, 1280 or 2048",
                "" + context);
        }
        c.put("cross_attention_dim", context);
        c.put("use_linear_projection", linear);
        if (context == Family.SD1.contextWidth()) {
            c.put("attention_head_dim", SD1_HEADS); // the key holds the number of heads
        } else {
            ArrayNode heads = c.putArray("attention_head_dim");
            channels.forEach(width -> heads.add(Math.max(1, width / HEAD_WIDTH)));
        }
        transformerDepths(c);
    }

    /**
     * One number where all transformers are equally deep, else one per level; the last also holds for the middle block.
     */
    private void transformerDepths(ObjectNode c) {
        int mid = depth("mid_block.attentions.0");
        boolean uniform = depths.stream().allMatch(d -> d == 0 || d == mid);
        if (uniform) {
            c.put("transformer_layers_per_block", Math.max(1, mid));
            return;
        }
        ArrayNode list = c.putArray("transformer_layers_per_block");
        for (int b = 0; b < depths.size(); b++) {
            boolean last = b == depths.size() - 1;
            list.add(depths.get(b) > 0 ? depths.get(b) : last ? mid : 1);
        }
    }
}
