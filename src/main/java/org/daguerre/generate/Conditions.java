package org.daguerre.generate;

import java.util.LinkedHashMap;
import java.util.Map;
import org.daguerre.Request;
import org.daguerre.model.Conditioning;
import org.daguerre.model.Model;
import org.daguerre.model.PromptSettings;
import org.daguerre.tensor.Ops;
import org.daguerre.text.PromptChunks;

/** Encodes the prompts of a request and remembers the latest results by text. */
public final class Conditions {
    private static final int REMEMBERED = 64;

    private final Map<Key, Conditioning> cache = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Conditioning> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param adapters what changes the encoders' weights or words at the moment */
    private record Key(Object model, String text, PromptSettings settings, Object adapters, boolean absent) {
    }

    /** Positive and negative prompt of a run. */
    record Pair(PromptPlan positive, PromptPlan negative) {
    }

    Pair encode(Ops ops, Model model, Request request, Object adapters) {
        return model.text().together(() -> prompts(ops, model, request, adapters));
    }

    private Pair prompts(Ops ops, Model model, Request request, Object adapters) {
        PromptSettings settings = new PromptSettings(request.emphasis(), request.clipSkip(), PromptChunks.BACKTRACK);
        PromptSettings forNegative = settings.withClipSkip(request.clipSkipNegative());
        PromptPlan positive = PromptPlan.of(request.prompt(), request.steps(),
            text -> encode(ops, model, text, settings, adapters, false));
        PromptPlan negative = request.negative().isEmpty()
            ? PromptPlan.constant(encode(ops, model, "", forNegative, adapters, true))
            : PromptPlan.of(request.negative().get(), request.steps(), text -> encode(ops, model, text, forNegative, adapters, false));
        return new Pair(positive, negative);
    }

    private Conditioning encode(Ops ops, Model model, String text, PromptSettings settings, Object adapters, boolean absent) {
        Key key = new Key(model, text, settings, adapters, absent);
        Conditioning known = cache.get(key);
        if (known == null) {
            known = absent ? model.text().absent(ops, settings) : model.text().encode(ops, text, settings);
            cache.put(key, known);
        }
        return known;
    }

    /** Drops everything: after adapter files or models changed. */
    public void clear() {
        cache.clear();
    }
}
