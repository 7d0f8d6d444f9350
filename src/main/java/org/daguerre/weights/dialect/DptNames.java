package org.daguerre.weights.dialect;

import java.util.Collection;
import java.util.List;

/** MiDaS names of the depth estimator DPT-Hybrid. */
public final class DptNames {
    private static final String CLASSIFIER = "ImageNet classifier of the ViT";

    private DptNames() {
    }

    /** The table for the original names found below {@code prefix}. */
    public static NameTable ofOriginal(Collection<String> all, String prefix) {
        Names names = new Names(all, prefix);
        int[] depths = new int[names.count("pretrained.model.patch_embed.backbone.stages.")];
        for (int s = 0; s < depths.length; s++) {
            depths[s] = names.count("pretrained.model.patch_embed.backbone.stages." + s + ".blocks.");
        }
        return table(depths, names.count("pretrained.model.blocks."));
    }

    /** The table for the transformers names given. */
    public static NameTable ofTransformers(Collection<String> all) {
        Names names = new Names(all);
        String stages = "dpt.embeddings.backbone.bit.encoder.stages.";
        int[] depths = new int[names.count(stages)];
        for (int s = 0; s < depths.length; s++) {
            depths[s] = names.count(stages + s + ".layers.");
        }
        return table(depths, names.count("dpt.encoder.layer."));
    }

    private static NameTable table(int[] stageDepths, int layers) {
        String vit = "pretrained.model.";
        NameTable t = NameTable.empty()
            .both(vit + "cls_token", "dpt.embeddings.cls_token")
            .both(vit + "pos_embed", "dpt.embeddings.position_embeddings")
            .both(vit + "patch_embed.proj", "dpt.embeddings.projection")
            .both(vit + "patch_embed.backbone.stem.conv", "dpt.embeddings.backbone.bit.embedder.convolution")
            .both(vit + "patch_embed.backbone.stem.norm", "dpt.embeddings.backbone.bit.embedder.norm")
            .both(vit + "norm", "dpt.layernorm")
            .skip(vit + "head", CLASSIFIER);
        for (int s = 0; s < stageDepths.length; s++) {
            for (int b = 0; b < stageDepths[s]; b++) {
                t.both(vit + "patch_embed.backbone.stages." + s + ".blocks." + b,
                    "dpt.embeddings.backbone.bit.encoder.stages." + s + ".layers." + b);
            }
        }
        for (int i = 0; i < layers; i++) {
            layer(t, vit + "blocks." + i, "dpt.encoder.layer." + i);
        }
        return neck(t);
    }

    private static void layer(NameTable t, String original, String target) {
        String attention = target + ".attention.attention.";
        for (String kind : List.of("weight", "bias")) {
            t.split(original + ".attn.qkv." + kind,
                List.of(attention + "query." + kind, attention + "key." + kind, attention + "value." + kind));
        }
        t.both(original + ".attn.proj", target + ".attention.output.dense")
            .both(original + ".mlp.fc1", target + ".intermediate.dense")
            .both(original + ".mlp.fc2", target + ".output.dense")
            .both(original + ".norm1", target + ".layernorm_before")
            .both(original + ".norm2", target + ".layernorm_after");
    }

    private static NameTable neck(NameTable t) {
        String reassemble = "neck.reassemble_stage.";
        for (int i = 2; i < 4; i++) {
            String post = "pretrained.act_postprocess" + (i + 1);
            t.both(post + ".0.project.0", reassemble + "readout_projects." + i + ".0")
                .both(post + ".3", reassemble + "layers." + i + ".projection")
                .both(post + ".4", reassemble + "layers." + i + ".resize");
        }
        for (int i = 0; i < 4; i++) {
            String fusion = "neck.fusion_stage.layers." + i;
            String refine = "scratch.refinenet" + (4 - i); // fused from the coarsest to the finest
            t.both("scratch.layer" + (i + 1) + "_rn", "neck.convs." + i)
                .both(refine + ".out_conv", fusion + ".projection");
            for (int u = 1; u <= 2; u++) {
                t.both(refine + ".resConfUnit" + u + ".conv1", fusion + ".residual_layer" + u + ".convolution1")
                    .both(refine + ".resConfUnit" + u + ".conv2", fusion + ".residual_layer" + u + ".convolution2");
            }
        }
        return t.both("scratch.output_conv", "head.head");
    }
}
