package org.daguerre.generate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.daguerre.model.Conditioning;
import org.daguerre.text.CompositePrompt;
import org.daguerre.text.PromptSchedule;
import org.daguerre.text.Weighted;

/**
 * What the U-Net is told at each step: usually one conditioning for the whole run, but a prompt may change with the steps
 * ({@code [from:to:when]}, {@code [a|b]}) and may be a weighted sum of several ({@code AND}).
 */
public final class PromptPlan {
    private final List<Entry> entries = new ArrayList<>();

    /** One prompt of the sum. */
    private record Entry(PromptSchedule schedule, double weight, Map<String, Conditioning> encoded) {
    }

    /** A conditioning with its share of the guidance. */
    public record Part(Conditioning conditioning, double weight) {
    }

    /** Encodes a text; results are remembered by the caller. */
    @FunctionalInterface
    public interface Encoder {
        Conditioning encode(String text);
    }

    /** @param steps the requested steps, which the fractions in prompt editing refer to */
    public static PromptPlan of(String prompt, int steps, Encoder encoder) {
        PromptPlan plan = new PromptPlan();
        for (Weighted part : CompositePrompt.parse(prompt)) {
            PromptSchedule schedule = PromptSchedule.of(part.text(), steps);
            Map<String, Conditioning> encoded = new HashMap<>();
            for (PromptSchedule.Span span : schedule.spans()) {
                encoded.computeIfAbsent(span.text(), encoder::encode);
            }
            plan.entries.add(new Entry(schedule, part.weight(), encoded));
        }
        return plan;
    }

    /** The same conditioning at every step. */
    public static PromptPlan constant(Conditioning c) {
        PromptPlan plan = new PromptPlan();
        plan.entries.add(new Entry(new PromptSchedule(List.of(new PromptSchedule.Span(1, ""))), 1, Map.of("", c)));
        return plan;
    }

    /** @param step from 1; steps behind the last one count as the last */
    public List<Part> at(int step) {
        List<Part> parts = new ArrayList<>();
        for (Entry e : entries) {
            List<PromptSchedule.Span> spans = e.schedule.spans();
            int last = spans.get(spans.size() - 1).endStep();
            parts.add(new Part(e.encoded.get(e.schedule.at(Math.min(step, last))), e.weight));
        }
        return parts;
    }

    /** What the first step sees, for traces. */
    public Conditioning first() {
        return at(1).get(0).conditioning();
    }
}
