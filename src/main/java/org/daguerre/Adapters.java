package org.daguerre;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Small files that change a model without replacing it; they hold for one request and are undone after it.
 *
 * @param loras         low-rank changes of weights, added up
 * @param embeddings    textual inversions: new words for the prompt
 * @param hypernetwork  changes the inputs of attention
 */
public record Adapters(List<LoraUse> loras, List<Embedding> embeddings, Optional<HypernetworkUse> hypernetwork) {
    public static final Adapters NONE = new Adapters(List.of(), List.of(), Optional.empty());

    public Adapters {
        loras = List.copyOf(loras);
        embeddings = List.copyOf(embeddings);
    }

    /** @param unetWeight strength in the U-Net; @param textWeight strength in the text encoders */
    public record LoraUse(Path file, double unetWeight, double textWeight) {
        public LoraUse {
            finite("lora weight", unetWeight);
            finite("lora text weight", textWeight);
        }
    }

    /** @param token the word that stands for the vectors; empty takes the name in the file, or the file's name */
    public record Embedding(Path file, Optional<String> token) {
    }

    /** @param strength multiplies what the hypernetwork adds */
    public record HypernetworkUse(Path file, double strength) {
        public HypernetworkUse {
            finite("hypernetwork strength", strength);
        }
    }

    private static void finite(String field, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(field + ": expected a finite number, found " + value);
        }
    }
}
