package org.daguerre.bench;

import java.util.List;
import java.util.Map;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.JsonConfig;

/** Names and shapes of a CLIP text encoder's weights, worked out from its configuration, in the transformers layout. */
final class TextTensors {
    private TextTensors() {
    }

    static Map<String, Shape> of(JsonConfig config) {
        int width = config.getCount("hidden_size");
        int inner = config.getCount("intermediate_size");
        TensorList all = TensorList.empty();
        TensorList t = all.sub("text_model");
        t.weight("embeddings.token_embedding", config.getCount("vocab_size"), width);
        t.weight("embeddings.position_embedding", config.getCount("max_position_embeddings"), width);
        for (int i = 0; i < config.getCount("num_hidden_layers"); i++) {
            TensorList layer = t.sub("encoder.layers." + i);
            for (String name : List.of("k_proj", "v_proj", "q_proj", "out_proj")) {
                layer.linear("self_attn." + name, width, width);
            }
            layer.norm("layer_norm1", width);
            layer.linear("mlp.fc1", inner, width);
            layer.linear("mlp.fc2", width, inner);
            layer.norm("layer_norm2", width);
        }
        t.norm("final_layer_norm", width);
        if (config.getStrings("architectures", List.of()).contains("CLIPTextModelWithProjection")) {
            all.weight("text_projection", config.getCount("projection_dim"), width);
        }
        return all.shapes();
    }
}
