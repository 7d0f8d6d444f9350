package org.daguerre.weights;

import java.util.regex.Pattern;
import org.daguerre.tensor.Shape;

/** The family a LoRA was made for: the width of the text features that its cross-attention keys read. */
final class LoraFamily {
    private static final Pattern CONTEXT_DOWN =
        Pattern.compile(".*attn2[._](processor\\.)?to_[kv](_lora)?.*(lora_down|lora_A|down)(\\.\\w+)?\\.weight");

    private LoraFamily() {
    }

    static Family of(Checkpoint file) {
        for (String name : file.names()) {
            if (CONTEXT_DOWN.matcher(name).matches()) {
                Shape shape = file.shape(name);
                Family family = shape.rank() < 2 ? Family.UNKNOWN : Family.ofContextWidth(shape.dim(1));
                if (family != Family.UNKNOWN) {
                    return family;
                }
            }
        }
        return file.names().stream().anyMatch(n -> n.startsWith("lora_te2_") || n.startsWith("text_encoder_2."))
            ? Family.SDXL : Family.UNKNOWN;
    }
}
