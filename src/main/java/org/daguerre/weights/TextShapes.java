package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.daguerre.tensor.Shape;

/** Configuration of a CLIP text encoder from the shapes of its weights (transformers names). */
final class TextShapes {
    private static final int HEAD_WIDTH = 64;
    /** CLIP ViT-L was trained with the approximate activation, the OpenCLIP models with the exact one. */
    private static final int CLIP_L_WIDTH = 768;
    private static final int VIT_H_WIDTH = 1024;
    private static final int BIG_G_WIDTH = 1280;

    private TextShapes() {
    }

    static ObjectNode config(Checkpoint weights, boolean withProjection) {
        Weights all = Weights.of(weights);
        Weights w = all.sub("text_model");
        Shape tokens = w.shape("embeddings.token_embedding.weight", 2);
        int width = tokens.dim(1);
        if (width != CLIP_L_WIDTH && width != VIT_H_WIDTH && width != BIG_G_WIDTH) {
            throw ShapeConfigs.unknownSize(weights, "a text encoder of width 768, 1024 or 1280", "" + width);
        }
        int layers = 0;
        while (w.has("encoder.layers." + layers)) {
            layers++;
        }
        ObjectNode c = Json.newObject();
        c.putArray("architectures").add(withProjection ? "CLIPTextModelWithProjection" : "CLIPTextModel");
        c.put("model_type", "clip_text_model");
        c.put("hidden_act", width == CLIP_L_WIDTH ? "quick_gelu" : "gelu");
        c.put("hidden_size", width);
        c.put("intermediate_size", w.shape("encoder.layers.0.mlp.fc1.weight", 2).dim(0));
        c.put("layer_norm_eps", 1e-5);
        c.put("max_position_embeddings", w.shape("embeddings.position_embedding.weight", 2).dim(0));
        c.put("num_attention_heads", width / HEAD_WIDTH);
        c.put("num_hidden_layers", layers);
        c.put("projection_dim", all.has("text_projection.weight") ? all.shape("text_projection.weight", 2).dim(0)
            : width == VIT_H_WIDTH ? 512 : width);
        c.put("vocab_size", tokens.dim(0));
        c.put("bos_token_id", 0);
        c.put("eos_token_id", 2);
        c.put("pad_token_id", 1);
        return c;
    }
}
