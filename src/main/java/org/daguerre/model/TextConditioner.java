package org.daguerre.model;

import java.util.List;
import java.util.function.Supplier;
import org.daguerre.tensor.Ops;

/** Turns prompts into conditioning; which encoders, layers and vectors that takes is the family's business. */
public interface TextConditioner extends AutoCloseable {
    Conditioning encode(Ops ops, String text, PromptSettings settings);

    /** What an absent negative prompt means. */
    Conditioning absent(Ops ops, PromptSettings settings);

    /** In the order text_encoder, text_encoder_2; an entry is null where the model has no such encoder. */
    List<PromptEncoder> encoders();

    /** Runs work that encodes several prompts: encoders that are loaded on demand stay until its end. */
    default <T> T together(Supplier<T> work) {
        Supplier<T> all = work;
        for (PromptEncoder e : encoders()) {
            if (e != null) {
                Supplier<T> inner = all;
                all = () -> e.encoder().memory().together(inner);
            }
        }
        return all.get();
    }

    @Override
    default void close() {
        for (PromptEncoder e : encoders()) {
            if (e != null) {
                e.close();
            }
        }
    }
}
