package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Configuration of the depth estimator DPT-Hybrid from the shapes of its weights (transformers names). */
final class DptShapes {
    private static final int HEAD_WIDTH = 64;
    private static final int PATCH = 16;
    private static final int NORM_GROUPS = 32;
    private static final int NECK_LEVELS = 4;

    private final Weights w;

    private DptShapes(Checkpoint weights) {
        this.w = Weights.of(weights);
    }

    static ObjectNode config(Checkpoint weights) {
        return new DptShapes(weights).config();
    }

    private ObjectNode config() {
        int width = w.shape("dpt.embeddings.cls_token", 3).dim(2);
        if (width == 0 || width % HEAD_WIDTH != 0) {
            throw ShapeConfigs.unknownSize(w.checkpoint(), "a width divisible by " + HEAD_WIDTH, "" + width);
        }
        int side = (int) Math.round(Math.sqrt(w.shape("dpt.embeddings.position_embeddings", 3).dim(1) - 1.0));
        ObjectNode c = Json.newObject();
        c.putArray("architectures").add("DPTForDepthEstimation");
        c.put("model_type", "dpt");
        c.put("is_hybrid", true);
        c.put("hidden_size", width);
        c.put("num_hidden_layers", count("dpt.encoder.layer."));
        c.put("num_attention_heads", width / HEAD_WIDTH);
        c.put("intermediate_size", w.shape("dpt.encoder.layer.0.intermediate.dense.weight", 2).dim(0));
        c.put("hidden_act", "gelu");
        c.put("layer_norm_eps", 1e-12);
        c.put("image_size", side * PATCH);
        c.put("patch_size", PATCH);
        c.put("num_channels", 3);
        c.put("qkv_bias", true);
        c.put("readout_type", "project");
        c.put("head_in_index", -1);
        c.put("use_batch_norm_in_fusion_residual", false);
        c.putArray("neck_ignore_stages").add(0).add(1);
        c.putArray("backbone_out_indices").add(2).add(5).add(8).add(11);
        c.putArray("reassemble_factors").add(1).add(1).add(1).add(0.5);
        ArrayNode neck = c.putArray("neck_hidden_sizes");
        for (int i = 0; i < NECK_LEVELS; i++) {
            neck.add(w.shape("neck.convs." + i + ".weight", 4).dim(1));
        }
        c.put("fusion_hidden_size", w.shape("neck.convs.0.weight", 4).dim(0));
        backbone(c.putObject("backbone_config"));
        return c;
    }

    private void backbone(ObjectNode c) {
        String bit = "dpt.embeddings.backbone.bit.";
        c.put("model_type", "bit");
        c.put("global_padding", "same");
        c.put("layer_type", "bottleneck");
        c.put("embedding_dynamic_padding", true);
        c.put("num_groups", NORM_GROUPS);
        c.put("embedding_size", w.shape(bit + "embedder.convolution.weight", 4).dim(0));
        ArrayNode depths = c.putArray("depths");
        ArrayNode sizes = c.putArray("hidden_sizes");
        ArrayNode out = c.putArray("out_features");
        int stages = count(bit + "encoder.stages.");
        int width = 0;
        for (int s = 0; s < stages; s++) {
            String stage = bit + "encoder.stages." + s + ".layers.";
            depths.add(count(stage));
            width = w.shape(stage + "0.conv3.weight", 4).dim(0);
            sizes.add(width);
            out.add("stage" + (s + 1));
        }
        sizes.add(2 * width); // a fourth stage that the hybrid does not build
    }

    private int count(String start) {
        int n = 0;
        while (w.has(start + n)) {
            n++;
        }
        return n;
    }
}
