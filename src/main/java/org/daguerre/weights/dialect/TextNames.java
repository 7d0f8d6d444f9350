package org.daguerre.weights.dialect;

import java.util.Collection;
import java.util.List;

/** Names of CLIP text encoders: those of OpenCLIP, and the variants of those of transformers. */
public final class TextNames {
    private static final String POSITION_IDS = "buffer 0..76, implied";

    private TextNames() {
    }

    /**
     * OpenCLIP names.
     *
     * @param blocks how many transformer blocks are used
     * @param pooled whether the projection of the pooled output is used
     */
    public static NameTable openClip(int blocks, boolean pooled) {
        NameTable t = NameTable.empty()
            .both("token_embedding", "text_model.embeddings.token_embedding")
            .both("positional_embedding", "text_model.embeddings.position_embedding.weight")
            .both("ln_final", "text_model.final_layer_norm")
            .skip("logit_scale", "contrastive temperature")
            .skip("attn_mask", "causal mask, implied");
        for (int i = 0; i < blocks; i++) {
            block(t, "transformer.resblocks." + i, "text_model.encoder.layers." + i);
        }
        t.skip("transformer.resblocks." + blocks, "block after the last one used");
        if (pooled) {
            t.transposed("text_projection", "text_projection.weight")
                .alias("text_projection.weight", "text_projection.weight");
        } else {
            t.skip("text_projection", "the pooled output is not used");
        }
        return t;
    }

    private static void block(NameTable t, String original, String layer) {
        String attention = layer + ".self_attn.";
        for (String kind : List.of("weight", "bias")) {
            t.split(original + ".attn.in_proj_" + kind,
                List.of(attention + "q_proj." + kind, attention + "k_proj." + kind, attention + "v_proj." + kind));
        }
        t.both(original + ".attn.out_proj", attention + "out_proj")
            .both(original + ".ln_1", layer + ".layer_norm1")
            .both(original + ".ln_2", layer + ".layer_norm2")
            .both(original + ".mlp.c_fc", layer + ".mlp.fc1")
            .both(original + ".mlp.c_proj", layer + ".mlp.fc2");
    }

    /** Number of blocks with OpenCLIP names below {@code prefix}. */
    public static int openClipBlocks(Collection<String> all, String prefix) {
        return new Names(all, prefix).count("transformer.resblocks.");
    }

    /** Number of layers with transformers names. */
    public static int layers(Collection<String> all) {
        return new Names(all).count("text_model.encoder.layers.");
    }

    /** Transformers names; the leading {@code text_model.} may be missing. */
    public static NameTable transformers() {
        return NameTable.identity()
            .alias("embeddings", "text_model.embeddings")
            .alias("encoder", "text_model.encoder")
            .alias("final_layer_norm", "text_model.final_layer_norm")
            .skip("text_model.embeddings.position_ids", POSITION_IDS)
            .skip("embeddings.position_ids", POSITION_IDS)
            .skip("logit_scale", "contrastive temperature");
    }
}
