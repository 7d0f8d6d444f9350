package org.daguerre.weights.torch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stack, marks and memo of the pickle machine, with a count of what it holds, so that memory stays in proportion. */
final class PickleStack {
    /** Limits far above any real checkpoint. */
    private static final int MAX_VALUES = 4_000_000;
    private static final int MAX_CONTAINERS = 1_000_000;

    private final PickleInput in;
    private final Map<Long, Object> memo = new HashMap<>();
    private final Deque<List<Object>> marks = new ArrayDeque<>();
    private List<Object> stack = new ArrayList<>();
    private long held;
    private int containers;

    PickleStack(PickleInput in) {
        this.in = in;
    }

    /** Forgets everything, before another pickle; what was made so far still counts. */
    void clear() {
        memo.clear();
        marks.clear();
        stack = new ArrayList<>();
    }

    /** @throws org.daguerre.weights.CheckpointException if the pickle has made more than any checkpoint needs */
    void checkLimits() {
        if (stack.size() + held + memo.size() > MAX_VALUES || containers > MAX_CONTAINERS) {
            throw in.broken("at most " + MAX_VALUES + " values and " + MAX_CONTAINERS + " containers", "more");
        }
    }

    /** Counts values that went into a container. */
    void hold(int values) {
        held += values;
    }

    boolean push(Object value) {
        stack.add(value);
        return true;
    }

    /** Pushes something that was allocated for the purpose. */
    boolean pushNew(Object value) {
        containers++;
        return push(value);
    }

    Object pop() {
        Object value = top();
        stack.remove(stack.size() - 1);
        return value;
    }

    Object top() {
        if (stack.isEmpty()) {
            throw in.broken("a value on the stack", "none");
        }
        return stack.get(stack.size() - 1);
    }

    String popText() {
        if (pop() instanceof String s) {
            return s;
        }
        throw in.broken("a text on the stack", "another value");
    }

    List<?> popTuple() {
        if (pop() instanceof List<?> list) {
            return list;
        }
        throw in.broken("a tuple on the stack", "another value");
    }

    void mark() {
        marks.push(stack);
        held += stack.size();
        stack = new ArrayList<>(0);
        containers++;
    }

    /** What was pushed since the last mark. */
    List<Object> popMark() {
        if (marks.isEmpty()) {
            throw in.broken("a mark on the stack", "none");
        }
        List<Object> items = stack;
        stack = marks.pop();
        held -= stack.size();
        return items;
    }

    /** Removes the last value, or the last mark if nothing is behind it. */
    void discard() {
        if (stack.isEmpty()) {
            popMark();
        } else {
            pop();
        }
    }

    void remember(long index) {
        memo.put(index, top());
    }

    /** Remembers under the next free number. */
    void remember() {
        remember(memo.size());
    }

    void recall(long index) {
        Object value = memo.get(index);
        if (value == null) {
            throw in.broken("a remembered value " + index, "none");
        }
        push(value);
    }
}
