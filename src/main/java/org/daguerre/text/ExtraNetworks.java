package org.daguerre.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A prompt without its network tags, and the networks they name: {@code <lora:NAME:WEIGHT>},
 * {@code <lora:NAME:TEXT_WEIGHT:UNET_WEIGHT>} and {@code <hypernet:NAME:WEIGHT>}; a missing weight is 1. Also
 * {@code te=} and {@code unet=} before a weight, and {@code lyco} for lora. Other text in angle brackets stays.
 */
public record ExtraNetworks(String prompt, List<Network> networks) {
    private static final Pattern TAG = Pattern.compile("<(lora|lyco|hypernet):([^<>:]++)((?::[^<>]*+)?)>");

    public enum Kind { LORA, HYPERNETWORK }

    /** A named network with its strength in the text encoder and in the U-Net; a hypernetwork has the latter only. */
    public record Network(Kind kind, String name, double textWeight, double unetWeight) {
    }

    /** @throws IllegalArgumentException if a weight is not a number or there are too many */
    public static ExtraNetworks parse(String prompt) {
        List<Network> networks = new ArrayList<>();
        StringBuilder rest = new StringBuilder();
        Matcher tag = TAG.matcher(prompt);
        int from = 0;
        while (tag.find()) {
            rest.append(prompt, from, tag.start());
            from = tag.end();
            networks.add(network(tag));
        }
        return new ExtraNetworks(rest.append(prompt, from, prompt.length()).toString(), List.copyOf(networks));
    }

    private static Network network(Matcher tag) {
        Kind kind = tag.group(1).equals("hypernet") ? Kind.HYPERNETWORK : Kind.LORA;
        Optional<Double> text = Optional.empty();
        Optional<Double> unet = Optional.empty();
        String values = tag.group(3);
        String[] fields = values.isEmpty() ? new String[0] : values.substring(1).split(":", -1);
        for (String field : fields) {
            String value = field.strip().toLowerCase(Locale.ROOT);
            if (value.startsWith("te=")) {
                text = Optional.of(weight(tag, value.substring("te=".length())));
            } else if (value.startsWith("unet=")) {
                unet = Optional.of(weight(tag, value.substring("unet=".length())));
            } else if (text.isEmpty()) {
                text = Optional.of(weight(tag, value));
            } else if (unet.isEmpty()) {
                unet = Optional.of(weight(tag, value));
            } else {
                throw new IllegalArgumentException("Read " + shown(tag) + ": expected at most two weights");
            }
        }
        double textWeight = text.orElse(1.0);
        return new Network(kind, tag.group(2).strip(), textWeight, unet.orElse(textWeight));
    }

    private static double weight(Matcher tag, String value) {
        return Numbers.parse(value, shown(tag));
    }

    private static String shown(Matcher tag) {
        String text = tag.group();
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
