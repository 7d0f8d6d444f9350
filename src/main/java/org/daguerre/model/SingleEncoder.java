package org.daguerre.model;

import java.util.List;
import org.daguerre.tensor.Ops;

/** SD 1 and SD 2: one encoder, its last layer (or an earlier one) through the final norm. */
public record SingleEncoder(PromptEncoder encoder) implements TextConditioner {
    @Override
    public Conditioning encode(Ops ops, String text, PromptSettings s) {
        int skip = Math.max(0, s.clipSkip() - 1);
        PromptEncoder.Features f = encoder.encode(ops, text, s, skip, true, false);
        return new Conditioning(f.hidden(), f.length(), encoder.encoder().config().width(), f.pooled(), f.ids());
    }

    @Override
    public Conditioning absent(Ops ops, PromptSettings s) {
        return encode(ops, "", s);
    }

    @Override
    public List<PromptEncoder> encoders() {
        return List.of(encoder);
    }
}
