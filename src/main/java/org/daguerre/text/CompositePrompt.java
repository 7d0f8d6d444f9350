package org.daguerre.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Composition of prompts (Liu et al. 2022, arXiv:2206.01714) in the syntax of A1111: {@code a cat AND a dog :1.2}.
 * Each part is denoised on its own; the guidance is the sum of weight * (part - unconditional).
 *
 * <p>A colon and a number at the end are a weight only where the prompt has an AND: "ratio 16:9" alone is text.
 */
public final class CompositePrompt {
    private static final String AND = "AND";

    private CompositePrompt() {
    }

    /**
     * The parts in order; one part of weight 1 if there is no AND.
     *
     * @throws IllegalArgumentException if a weight is too large for a float
     */
    public static List<Weighted> parse(String prompt) {
        List<Weighted> parts = new ArrayList<>();
        int from = 0;
        for (int at = Words.find(prompt, AND, 0); at >= 0; at = Words.find(prompt, AND, from)) {
            parts.add(part(prompt.substring(from, at)));
            from = at + AND.length();
        }
        String last = prompt.substring(from);
        parts.add(parts.isEmpty() ? new Weighted(last, 1) : part(last));
        return parts;
    }

    private static Weighted part(String text) {
        int colon = text.lastIndexOf(':');
        String number = text.substring(colon + 1).strip();
        if (colon < 0 || !number.matches(Numbers.PLAIN)) {
            return new Weighted(text.strip(), 1);
        }
        return new Weighted(text.substring(0, colon).strip(), Numbers.parse(number, "weight of a part of the prompt"));
    }
}
