package org.daguerre.weights;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.dialect.CompactNames;
import org.daguerre.weights.dialect.DptNames;
import org.daguerre.weights.dialect.EsrganNames;
import org.daguerre.weights.dialect.MappedCheckpoint;
import org.daguerre.weights.dialect.NameTable;
import org.daguerre.weights.dialect.TextNames;
import org.daguerre.weights.dialect.UNetLayout;
import org.daguerre.weights.dialect.UNetNames;
import org.daguerre.weights.dialect.VaeNames;

/**
 * The networks in one file, each found by its prefix and seen under its diffusers names. Files of a single network have
 * no prefix; files in which the names are those of diffusers already are accepted too.
 */
final class Components {
    private static final int SD2_BLOCKS = 23;

    private final Checkpoint file;
    private final TreeSet<String> names;
    private final Map<String, MappedCheckpoint> views = new LinkedHashMap<>();

    private Components(Checkpoint file) {
        this.file = file;
        this.names = new TreeSet<>(file.names());
    }

    static Components find(Checkpoint file) {
        Components c = new Components(file);
        c.findUnet();
        c.findControlNet();
        c.findVae();
        c.findTextEncoders();
        c.findDepthEstimator();
        c.findUpscaler();
        return c;
    }

    boolean has(String component) {
        return views.containsKey(component);
    }

    /** Network by component name; closing a view does not close the file. */
    Map<String, MappedCheckpoint> views() {
        return Collections.unmodifiableMap(views);
    }

    private boolean any(String start) {
        String next = names.ceiling(start);
        return next != null && next.startsWith(start);
    }

    private void found(String component, NameTable table, String prefix) {
        views.putIfAbsent(component, table.diffusersView(file, prefix).sharingFile());
    }

    private void findUnet() {
        for (String p : List.of("model.diffusion_model.", "diffusion_model.", "unet.", "")) {
            if (any(p + "input_blocks.0.0.weight") && any(p + "output_blocks.0.")) {
                found("unet", UNetNames.table(UNetLayout.ofOriginal(names, p)), p);
            } else if (any(p + "time_embedding.linear_1.") && any(p + "up_blocks.0.")) {
                found("unet", NameTable.unchanged(), p);
            }
        }
    }

    private void findControlNet() {
        for (String p : List.of("control_model.", "controlnet.", "")) {
            if (any(p + "input_hint_block.0.")) {
                found("controlnet", UNetNames.table(UNetLayout.ofOriginal(names, p)), p);
            } else if (any(p + "controlnet_cond_embedding.conv_in.")) {
                found("controlnet", NameTable.unchanged(), p);
            }
        }
    }

    private void findVae() {
        for (String p : List.of("first_stage_model.", "vae.", "")) {
            if (any(p + "decoder.up.0.") || any(p + "encoder.down.0.")) {
                found("vae", VaeNames.ofOriginal(names, p), p);
            } else if (any(p + "decoder.up_blocks.0.") || any(p + "encoder.down_blocks.0.")) {
                found("vae", VaeNames.ofDiffusersFile(), p);
            }
        }
    }

    private void findTextEncoders() {
        openClip("cond_stage_model.model.", "text_encoder", false);
        openClip("conditioner.embedders.1.model.", "text_encoder_2", true);
        openClip("conditioner.embedders.0.model.", "text_encoder_2", true);
        for (String p : List.of("cond_stage_model.transformer.", "conditioner.embedders.0.transformer.",
            "text_encoder.")) {
            clip(p, "text_encoder");
        }
        clip("text_encoder_2.", "text_encoder_2");
        clip("", any("text_projection.") ? "text_encoder_2" : "text_encoder");
    }

    private void clip(String prefix, String component) {
        if (any(prefix + "text_model.embeddings.") || any(prefix + "embeddings.token_embedding.")) {
            found(component, TextNames.transformers(), prefix);
        }
    }

    /**
     * SD 2 reads the output of the last block but one, so its last block is left out. Files made from the diffusers
     * layout lack it already; they have no projection either.
     */
    private void openClip(String prefix, String component, boolean pooled) {
        int blocks = TextNames.openClipBlocks(names, prefix);
        boolean cut = blocks == SD2_BLOCKS || blocks < SD2_BLOCKS && !any(prefix + "text_projection");
        if (blocks > 0) {
            found(component, TextNames.openClip(pooled || cut ? blocks : blocks - 1, pooled), prefix);
        }
    }

    private void findDepthEstimator() {
        for (String p : List.of("depth_model.model.", "")) {
            if (any(p + "pretrained.model.cls_token")) {
                found("depth_estimator", DptNames.ofOriginal(names, p), p);
            } else if (any(p + "dpt.embeddings.cls_token")) {
                found("depth_estimator", NameTable.unchanged(), p);
            }
        }
    }

    private void findUpscaler() {
        if (EsrganNames.isOld(names)) {
            found("upscaler", EsrganNames.ofOriginal(names), "");
        } else if (any("conv_first.weight") && any("body.0.rdb1.")) {
            found("upscaler", NameTable.unchanged(), "");
        } else if (CompactNames.matches(names)) {
            views.putIfAbsent("upscaler", CompactNames.view(file).sharingFile());
        }
    }

    /** From the names of the text encoders, else from the width of the text features. */
    Family family() {
        if (any("conditioner.embedders.1.model.")) {
            return Family.SDXL;
        }
        if (any("conditioner.embedders.0.model.")) {
            return Family.SDXL_REFINER;
        }
        if (any("cond_stage_model.model.")) {
            return Family.SD2;
        }
        if (any("cond_stage_model.transformer.")) {
            return Family.SD1;
        }
        for (String network : List.of("unet", "controlnet")) {
            if (has(network)) {
                return ofShapes(views.get(network));
            }
        }
        return Family.UNKNOWN;
    }

    /** A reduced ControlNet for SDXL may have no attention; then only its added embedding tells. */
    private static Family ofShapes(Checkpoint network) {
        int width = contextWidth(network);
        return width == 0 && network.has("add_embedding.linear_1.weight") ? Family.SDXL : Family.ofContextWidth(width);
    }

    /** Width that the first cross attention's keys read; 0 if there is none. */
    static int contextWidth(Checkpoint unet) {
        for (String name : unet.names()) {
            if (name.endsWith(".attn2.to_k.weight")) {
                Shape shape = unet.shape(name);
                return shape.rank() == 2 ? shape.dim(1) : 0;
            }
        }
        return 0;
    }
}
