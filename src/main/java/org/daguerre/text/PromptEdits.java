package org.daguerre.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Reads the prompt editing syntax into a tree. A stack of open brackets and one flat list of what was read: a bracket
 * that turns out to be an edit takes its content from the end of the list, any other bracket leaves it there as text.
 */
final class PromptEdits {
    private static final int MAX_DEPTH = 1000;

    private final List<Node> nodes = new ArrayList<>();
    private final List<Bracket> open = new ArrayList<>();
    private int openRound;
    private int openSquare;

    /** A part of a prompt that can differ from step to step (steps count from 1). */
    sealed interface Node permits Text, Switch, Cycle {
        int depth();

        void append(StringBuilder out, int step, int steps);

        /** Adds the last step of each stretch of steps in which this node does not change. */
        void collect(TreeSet<Integer> ends, int steps);
    }

    /** Plain text; brackets and separators are texts of one character. */
    record Text(String text) implements Node {
        @Override
        public int depth() {
            return 0;
        }

        @Override
        public void append(StringBuilder out, int step, int steps) {
            out.append(text);
        }

        @Override
        public void collect(TreeSet<Integer> ends, int steps) {
            // Text never changes.
        }
    }

    /** {@code [before:after:when]}. */
    record Switch(List<Node> before, List<Node> after, String when, int depth) implements Node {
        /** Last step that has {@code before}: a number of steps, or below 1 (and as "1.0") a part of all steps. */
        private int last(int steps) {
            double value = Double.parseDouble(when);
            boolean fraction = value < 1 || value == 1 && when.indexOf('.') >= 0;
            return (int) Math.min(steps, fraction ? value * steps : value);
        }

        @Override
        public void append(StringBuilder out, int step, int steps) {
            for (Node node : step <= last(steps) ? before : after) {
                node.append(out, step, steps);
            }
        }

        @Override
        public void collect(TreeSet<Integer> ends, int steps) {
            if (last(steps) >= 1) {
                ends.add(last(steps));
            }
            before.forEach(node -> node.collect(ends, steps));
            after.forEach(node -> node.collect(ends, steps));
        }
    }

    /** {@code [a|b|c]}: one after the other, from the first step on. */
    record Cycle(List<List<Node>> options, int depth) implements Node {
        @Override
        public void append(StringBuilder out, int step, int steps) {
            for (Node node : options.get((step - 1) % options.size())) {
                node.append(out, step, steps);
            }
        }

        @Override
        public void collect(TreeSet<Integer> ends, int steps) {
            for (int step = 1; step <= steps; step++) {
                ends.add(step);
            }
        }
    }

    /** An open bracket, the index of its node, and the indexes of the separators directly in it. */
    private static final class Bracket {
        final char kind;
        final int start;
        final List<Integer> colons = new ArrayList<>();
        final List<Integer> bars = new ArrayList<>();
        /** Set if there is an unpaired bracket in it: such a bracket is no edit. */
        boolean broken;

        Bracket(char kind, int start) {
            this.kind = kind;
            this.start = start;
        }
    }

    /** @throws IllegalArgumentException if edits are nested more than 1000 deep */
    static List<Node> parse(String prompt) {
        PromptEdits edits = new PromptEdits();
        int at = 0;
        while (at < prompt.length()) {
            int end = tokenEnd(prompt, at);
            edits.read(prompt.substring(at, end));
            at = end;
        }
        return edits.nodes;
    }

    private static int tokenEnd(String prompt, int at) {
        if ("[]():|".indexOf(prompt.charAt(at)) >= 0) {
            return at + 1;
        }
        int end = at;
        while (end < prompt.length() && "[]():|".indexOf(prompt.charAt(end)) < 0) {
            // A backslash takes the next character along; it is removed later, with the attention syntax.
            end += prompt.charAt(end) == '\\' ? 2 : 1;
        }
        return Math.min(end, prompt.length());
    }

    private void read(String token) {
        Bracket inner = open.isEmpty() ? null : open.get(open.size() - 1);
        if (token.equals(":") && inner != null) {
            inner.colons.add(nodes.size());
        } else if (token.equals("|") && inner != null) {
            inner.bars.add(nodes.size());
        } else if (token.equals("(") || token.equals("[")) {
            open.add(new Bracket(token.charAt(0), nodes.size()));
            count(token.charAt(0), 1);
        }
        nodes.add(new Text(token));
        if (token.equals(")")) {
            close('(');
        } else if (token.equals("]")) {
            close('[');
        }
    }

    private void close(char kind) {
        if ((kind == '(' ? openRound : openSquare) == 0) {
            markBroken();
            return;
        }
        Bracket bracket = pop();
        while (bracket.kind != kind) {
            markBroken();
            bracket = pop();
        }
        if (bracket.broken) {
            markBroken();
        } else if (kind == '[') {
            replaceByEdit(bracket);
        }
    }

    private Bracket pop() {
        Bracket bracket = open.remove(open.size() - 1);
        count(bracket.kind, -1);
        return bracket;
    }

    private void count(char kind, int change) {
        openRound += kind == '(' ? change : 0;
        openSquare += kind == '[' ? change : 0;
    }

    private void markBroken() {
        if (!open.isEmpty()) {
            open.get(open.size() - 1).broken = true;
        }
    }

    private void replaceByEdit(Bracket bracket) {
        int end = nodes.size() - 1;
        Optional<? extends Node> edit = bracket.colons.isEmpty() ? cycle(bracket, end) : change(bracket, end);
        edit.ifPresent(node -> {
            nodes.subList(bracket.start, nodes.size()).clear();
            nodes.add(node);
        });
    }

    private Optional<Cycle> cycle(Bracket bracket, int end) {
        if (bracket.bars.isEmpty()) {
            return Optional.empty();
        }
        List<List<Node>> options = new ArrayList<>();
        int from = bracket.start + 1;
        for (int bar : bracket.bars) {
            options.add(slice(from, bar));
            from = bar + 1;
        }
        options.add(slice(from, end));
        return Optional.of(new Cycle(options, depth(bracket.start)));
    }

    private Optional<Switch> change(Bracket bracket, int end) {
        int colons = bracket.colons.size();
        int last = bracket.colons.get(colons - 1);
        boolean timed = colons <= 2 && end == last + 2 && nodes.get(last + 1) instanceof Text;
        String when = timed ? ((Text) nodes.get(last + 1)).text.strip() : "";
        if (!when.matches(Numbers.PLAIN)) {
            return Optional.empty();
        }
        int first = bracket.colons.get(0);
        List<Node> before = colons == 1 ? List.of() : slice(bracket.start + 1, first);
        List<Node> after = colons == 1 ? slice(bracket.start + 1, first) : slice(first + 1, last);
        return Optional.of(new Switch(before, after, when, depth(bracket.start)));
    }

    private List<Node> slice(int from, int to) {
        return List.copyOf(nodes.subList(from, to));
    }

    private int depth(int from) {
        int depth = 0;
        for (Node node : nodes.subList(from, nodes.size())) {
            depth = Math.max(depth, node.depth());
        }
        if (depth >= MAX_DEPTH) {
            throw new IllegalArgumentException(
                "Read prompt: expected edits at most " + MAX_DEPTH + " deep, found more");
        }
        return depth + 1;
    }
}
