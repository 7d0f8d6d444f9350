package org.daguerre.weights.dialect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What the numbering of a U-Net's (or ControlNet's) blocks depends on: how many levels it has, how many ResNets a level
 * has on the way down (one more on the way up), which up blocks have transformers, and the length of a ControlNet's
 * condition encoder (0 for a U-Net).
 */
public record UNetLayout(int levels, int layers, List<Boolean> upAttention, int hintBlocks) {
    /** From diffusers names. */
    public static UNetLayout ofDiffusers(Collection<String> all) {
        Names names = new Names(all);
        List<Boolean> attention = new ArrayList<>();
        int levels = names.count("down_blocks.");
        for (int b = 0; b < levels; b++) {
            attention.add(names.any("up_blocks." + b + ".attentions."));
        }
        return new UNetLayout(levels, names.count("down_blocks.0.resnets."), attention,
            names.count("controlnet_cond_embedding.blocks."));
    }

    /** From the original names below {@code prefix}. */
    public static UNetLayout ofOriginal(Collection<String> all, String prefix) {
        Names names = new Names(all, prefix);
        int inputs = names.count("input_blocks.");
        int perLevel = inputs; // input_blocks.0 is conv_in; each level but the last ends with a downsampler
        for (int i = inputs - 1; i > 0; i--) {
            if (names.any("input_blocks." + i + ".0.op.")) {
                perLevel = i;
            }
        }
        int levels = perLevel == 0 ? 0 : (inputs + perLevel - 1) / perLevel;
        List<Boolean> attention = new ArrayList<>();
        for (int b = 0; b < levels; b++) {
            attention.add(names.any("output_blocks." + b * perLevel + ".1.proj_in."));
        }
        int hints = 0;
        while (names.any("input_hint_block." + 2 * hints + ".")) {
            hints++;
        }
        return new UNetLayout(levels, Math.max(0, perLevel - 1), attention, Math.max(0, hints - 2));
    }
}
