package org.daguerre.adapter.lora;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a tensor in a LoRA file, taken apart.
 *
 * @param stem what says which module is meant, as the trainer spells it
 * @param part {@code down}, {@code up}, {@code mid}, {@code alpha}, {@code hada_w1_a}, ...
 */
record LoraKey(String stem, String part) {
    private static final String OTHER_PARTS = "alpha|dora_scale|diff|diff_b|w_norm|b_norm|hada_(?:w[12]_[ab]|t[12])"
        + "|lokr_(?:w[12](?:_[ab])?|t[12])|oft_blocks|oft_diag|boft_blocks|rescale|on_input|a1|a2|b1|b2|bm";
    /**
     * Kohya; PEFT, perhaps with the adapter's name; diffusers 0.21 to 0.24; its older attention processors; the rest of
     * LyCORIS.
     */
    private static final List<Pattern> SPELLINGS = List.of(
        Pattern.compile("(?<stem>.+)\\.lora_(?<part>down|up|mid)\\.weight"),
        Pattern.compile("(?<stem>.+)\\.lora_(?<part>[AB])(?:\\.[^.]+)?\\.weight"),
        Pattern.compile("(?<stem>.+)\\.lora(?:_linear_layer)?\\.(?<part>down|up)\\.weight"),
        Pattern.compile("(?<stem>.+?)(?:\\.processor)?\\.(?<old>to_[qkv]|to_out)_lora\\.(?<part>down|up)\\.weight"),
        Pattern.compile("(?<stem>.+)\\.(?<part>lora_magnitude_vector)(?:\\..+)?"),
        Pattern.compile("(?<stem>.+)\\.lora_[AB](?:\\.[^.]+)?\\.(?<part>bias)"),
        Pattern.compile("(?<stem>.+)\\.(?<part>" + OTHER_PARTS + ")(?:\\.weight)?"));

    /** Empty if this is no name of a LoRA's tensor. */
    static Optional<LoraKey> parse(String name) {
        for (int i = 0; i < SPELLINGS.size(); i++) {
            Matcher m = SPELLINGS.get(i).matcher(name);
            if (m.matches()) {
                String part = m.group("part");
                String stem = i == 3 ? m.group("stem") + "." + m.group("old") : m.group("stem");
                return Optional.of(new LoraKey(stem, part.equals("A") ? "down" : part.equals("B") ? "up" : part));
            }
        }
        return Optional.empty();
    }
}
