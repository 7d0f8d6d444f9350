package org.daguerre.text;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Prompt editing as in A1111: {@code [from:to:when]} switches after step {@code when} (at least 1: a step; below 1, or
 * written "1.0": a part of all steps), {@code [to:when]} adds, {@code [from::when]} removes, {@code [a|b]} alternates
 * from step to step; all of them can be nested. Brackets that are none of these, or hold an unpaired one, stay.
 *
 * @param spans the texts in order; neighbours differ, and the last one ends at the last step
 */
public record PromptSchedule(List<Span> spans) {
    /** A prompt that holds up to and including {@code endStep}; steps count from 1. */
    public record Span(int endStep, String text) {
    }

    public PromptSchedule {
        spans = List.copyOf(spans);
    }

    /** @throws IllegalArgumentException if there are no steps, or edits are nested more than 1000 deep */
    public static PromptSchedule of(String prompt, int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("Schedule prompt: expected at least 1 step, found " + steps);
        }
        List<PromptEdits.Node> nodes = PromptEdits.parse(prompt);
        TreeSet<Integer> ends = new TreeSet<>(List.of(steps));
        nodes.forEach(node -> node.collect(ends, steps));
        List<Span> spans = new ArrayList<>();
        for (int end : ends) {
            String text = text(nodes, end, steps);
            boolean same = !spans.isEmpty() && spans.get(spans.size() - 1).text.equals(text);
            if (same) {
                spans.remove(spans.size() - 1);
            }
            spans.add(new Span(end, text));
        }
        return new PromptSchedule(spans);
    }

    private static String text(List<PromptEdits.Node> nodes, int step, int steps) {
        StringBuilder text = new StringBuilder();
        nodes.forEach(node -> node.append(text, step, steps));
        return text.toString();
    }

    /** The prompt of a step, from 1 to the last one. */
    public String at(int step) {
        return spans.stream().filter(span -> step <= span.endStep).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("Schedule prompt: expected a step up to "
                + spans.get(spans.size() - 1).endStep + ", found " + step)).text;
    }

    /** True if the prompt is the same in all steps. */
    public boolean constant() {
        return spans.size() == 1;
    }
}
