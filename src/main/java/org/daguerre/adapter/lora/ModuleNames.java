package org.daguerre.adapter.lora;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.daguerre.weights.dialect.NameTable;
import org.daguerre.weights.dialect.UNetLayout;
import org.daguerre.weights.dialect.UNetNames;

/**
 * Every spelling of every module of a model. Trainers write dots as underscores, which cannot be undone ({@code
 * to_out_0}), so the table is made from the modules that exist; names are compared with all dots turned into
 * underscores.
 */
final class ModuleNames {
    private static final List<String> UNET = List.of("lora_unet_", "unet_", "model_diffusion_model_",
        "diffusion_model_", "");
    private static final List<String> TEXT = List.of("lora_te_", "lora_te1_", "text_encoder_");
    private static final List<String> TEXT_2 = List.of("lora_te2_", "text_encoder_2_");
    private static final String PEFT = "base_model.model.";
    private static final String TEXT_MODEL = "text_model.";

    /** The networks that a LoRA may change. */
    enum Network { UNET, TEXT, TEXT_2 }

    /** A module by its name in the model. */
    record Target(Network network, String module) {
    }

    private final Map<String, Target> targets = new HashMap<>();

    /** @param text modules of the first text encoder, {@code text2} of the second; empty if there is none */
    ModuleNames(Set<String> unet, Set<String> text, Set<String> text2) {
        NameTable original = UNetNames.table(UNetLayout.ofDiffusers(unet));
        for (String module : unet) {
            Target target = new Target(Network.UNET, module);
            put(UNET, module, target);
            attentionOutput(UNET, module, ".to_out.0", ".to_out", target);
            original.toOriginal(module).ifPresent(o -> put(UNET, o, target));
        }
        text.forEach(m -> putText(TEXT, m, new Target(Network.TEXT, m)));
        text2.forEach(m -> putText(TEXT_2, m, new Target(Network.TEXT_2, m)));
    }

    private void putText(List<String> prefixes, String module, Target target) {
        putTextSpellings(prefixes, module, target);
        if (module.startsWith(TEXT_MODEL)) { // newer transformers leave this level out
            putTextSpellings(prefixes, module.substring(TEXT_MODEL.length()), target);
        }
    }

    private void putTextSpellings(List<String> prefixes, String module, Target target) {
        put(prefixes, module, target);
        for (String p : List.of("q", "k", "v", "out")) {
            attentionOutput(prefixes, module, ".self_attn." + p + "_proj", ".self_attn.to_" + p, target);
        }
    }

    /** Old files of diffusers name the four projections of any attention layer alike. */
    private void attentionOutput(List<String> prefixes, String module, String end, String oldEnd, Target target) {
        if (module.endsWith(end)) {
            put(prefixes, module.substring(0, module.length() - end.length()) + oldEnd, target);
        }
    }

    private void put(List<String> prefixes, String name, Target target) {
        for (String prefix : prefixes) {
            String spelling = prefix + flat(name);
            Target other = targets.put(spelling, target);
            if (other != null && !other.equals(target)) {
                throw new IllegalStateException("LoRA names: " + spelling + " means " + other + " and " + target);
            }
        }
    }

    private static String flat(String name) {
        return name.replace('.', '_');
    }

    /** The module that a {@link LoraKey#stem} means; empty if this model has none. */
    Optional<Target> find(String stem) {
        String name = stem.startsWith(PEFT) ? stem.substring(PEFT.length()) : stem;
        return Optional.ofNullable(targets.get(flat(name)));
    }
}
