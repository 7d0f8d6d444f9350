package org.daguerre.text;

import java.util.List;
import org.daguerre.tensor.Activation;
import org.daguerre.weights.JsonConfig;

/**
 * The numbers of a CLIP text encoder.
 *
 * @param projection width of the pooled text embedding, 0 if the model has no projection
 */
public record TextEncoderConfig(int width, int layers, int heads, int mlp, int vocabulary, int positions, float eps,
                                Activation activation, int projection) {

    /** From a transformers {@code config.json} of a CLIPTextModel or CLIPTextModelWithProjection. */
    public static TextEncoderConfig of(JsonConfig c) {
        boolean projected = c.getStrings("architectures", List.of()).contains("CLIPTextModelWithProjection");
        String act = c.getString("hidden_act", "quick_gelu");
        Activation f = switch (act) {
            case "quick_gelu" -> Activation.QUICK_GELU;
            case "gelu" -> Activation.GELU;
            default -> throw new IllegalArgumentException(c.file() + ": hidden_act: expected quick_gelu or gelu, found " + act);
        };
        return new TextEncoderConfig(c.getCount("hidden_size", 512), c.getCount("num_hidden_layers", 12),
            c.getCount("num_attention_heads", 8), c.getCount("intermediate_size", 2048),
            c.getCount("vocab_size", 49408), c.getCount("max_position_embeddings", 77),
            (float) c.getDouble("layer_norm_eps", 1e-5), f, projected ? c.getCount("projection_dim", 512) : 0);
    }
}
