package org.daguerre.weights.torch;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack machine for pickles of protocols 0 to 5 that builds plain values only: Map, List (also for tuples and sets),
 * String, Long, BigInteger, Double, Boolean, byte[], {@link TorchFile#NONE}, {@link TensorRef}, and the inert
 * {@link GlobalRef} and {@link PyObject}. It does not recurse, and it limits what a pickle can make it hold.
 */
final class PickleMachine {
    /** Limits far above any real checkpoint, so that memory stays in proportion to the file. */
    private static final int MAX_VALUES = 4_000_000;
    private static final int MAX_CONTAINERS = 1_000_000;
    private static final int MAX_PROTOCOL = 5;
    private static final int MAX_DIGITS = 300;

    private final PickleInput in;
    private final PickleRules rules;
    private final TensorBuilder tensors;
    private final Map<Long, Object> memo = new HashMap<>();
    private final Deque<List<Object>> marks = new ArrayDeque<>();
    private List<Object> stack = new ArrayList<>();
    private long held;
    private int containers;

    PickleMachine(Path file, ByteBuffer bytes) {
        this.in = new PickleInput(file, bytes);
        this.rules = new PickleRules(file);
        this.tensors = new TensorBuilder(file);
    }

    /** Number of bytes used so far. */
    int position() {
        return in.position();
    }

    /** Bytes per element of every storage that was mentioned, by key. */
    Map<String, Integer> storages() {
        return tensors.storages();
    }

    /** Runs one pickle to its end and returns what it made. Another one may follow. */
    Object load() {
        memo.clear();
        marks.clear();
        stack = new ArrayList<>();
        held = 0;
        while (true) {
            int op = in.u8();
            if (op == '.') {
                return pop();
            }
            if (!literal(op) && !text(op) && !stackAndMemo(op) && !container(op) && !object(op)) {
                throw in.broken("a known opcode", "opcode " + op);
            }
            if (stack.size() + held + memo.size() > MAX_VALUES || containers > MAX_CONTAINERS) {
                throw in.broken("at most " + MAX_VALUES + " values", "more");
            }
        }
    }

    private boolean push(Object value) {
        stack.add(value);
        return true;
    }

    private boolean pushNew(Object containerValue) {
        containers++;
        return push(containerValue);
    }

    private Object pop() {
        if (stack.isEmpty()) {
            throw in.broken("a value on the stack", "none");
        }
        return stack.remove(stack.size() - 1);
    }

    private Object top() {
        if (stack.isEmpty()) {
            throw in.broken("a value on the stack", "none");
        }
        return stack.get(stack.size() - 1);
    }

    private String popText() {
        if (pop() instanceof String s) {
            return s;
        }
        throw in.broken("a text on the stack", "another value");
    }

    private boolean mark() {
        marks.push(stack);
        held += stack.size();
        stack = new ArrayList<>(0);
        containers++;
        return true;
    }

    private List<Object> popMark() {
        if (marks.isEmpty()) {
            throw in.broken("a mark on the stack", "none");
        }
        List<Object> items = stack;
        stack = marks.pop();
        held -= stack.size();
        return items;
    }

    private List<?> popTuple() {
        if (pop() instanceof List<?> list) {
            return list;
        }
        throw in.broken("a tuple on the stack", "another value");
    }

    /** Numbers and constants. */
    private boolean literal(int op) {
        return switch (op) {
            case 0x80 -> protocol();
            case 0x95 -> frame();
            case 'N' -> push(TorchFile.NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'K' -> push((long) in.u8());
            case 'M' -> push((long) in.u16());
            case 'J' -> push((long) in.i32());
            case 0x8a -> push(in.integer(in.u8()));
            case 0x8b -> push(in.integer(in.u32()));
            case 'G' -> push(in.f64());
            case 'I' -> push(integerLine(in.line()));
            case 'L' -> push(integerLine(in.line().replace("L", "")));
            case 'F' -> push(floatLine(in.line()));
            default -> false;
        };
    }

    private boolean protocol() {
        int version = in.u8();
        if (version > MAX_PROTOCOL) {
            throw in.broken("a protocol up to " + MAX_PROTOCOL, "protocol " + version);
        }
        return true;
    }

    private boolean frame() {
        in.skipFrame(in.i64());
        return true;
    }

    private Object integerLine(String line) {
        if (line.equals("00") || line.equals("01")) {
            return line.equals("01");
        }
        try {
            if (line.length() <= MAX_DIGITS) {
                return PickleInput.narrow(new BigInteger(line.trim()));
            }
        } catch (NumberFormatException e) {
            throw in.broken("an integer", "other text");
        }
        throw in.broken("an integer of at most " + MAX_DIGITS + " digits", line.length() + " digits");
    }

    private double floatLine(String line) {
        try {
            return Double.parseDouble(line);
        } catch (NumberFormatException e) {
            throw in.broken("a number", "other text");
        }
    }

    /** Texts and bytes. */
    private boolean text(int op) {
        return switch (op) {
            case 'X' -> push(in.utf8(in.u32()));
            case 0x8c -> push(in.utf8(in.u8()));
            case 0x8d -> push(in.utf8(in.i64()));
            case 'T' -> push(in.text(in.u32(), StandardCharsets.UTF_8));
            case 'U' -> push(in.text(in.u8(), StandardCharsets.UTF_8));
            case 'B' -> push(in.bytes(in.u32()));
            case 'C' -> push(in.bytes(in.u8()));
            case 0x8e, 0x96 -> push(in.bytes(in.i64()));
            case 'V' -> push(in.line());
            case 'S' -> push(unquoted(in.line()));
            default -> false;
        };
    }

    private String unquoted(String line) {
        int n = line.length();
        boolean quoted = n >= 2 && (line.charAt(0) == '\'' || line.charAt(0) == '"') && line.charAt(n - 1) == line.charAt(0);
        if (!quoted) {
            throw in.broken("a quoted text", "no quotes");
        }
        return line.substring(1, n - 1);
    }

    private boolean stackAndMemo(int op) {
        switch (op) {
            case '(' -> mark();
            case '0' -> discard();
            case '1' -> popMark();
            case '2' -> push(top());
            case 'p' -> remember(memoLine());
            case 'q' -> remember(in.u8());
            case 'r' -> remember(in.u32());
            case 0x94 -> remember(memo.size());
            case 'g' -> recall(memoLine());
            case 'h' -> recall(in.u8());
            case 'j' -> recall(in.u32());
            default -> {
                return false;
            }
        }
        return true;
    }

    private void discard() {
        if (stack.isEmpty()) {
            popMark();
        } else {
            pop();
        }
    }

    private long memoLine() {
        return integerLine(in.line()) instanceof Long n ? n : -1;
    }

    private void remember(long index) {
        memo.put(index, top());
    }

    private void recall(long index) {
        Object value = memo.get(index);
        if (value == null) {
            throw in.broken("a remembered value " + index, "none");
        }
        push(value);
    }

    /** Dictionaries, lists, tuples and sets. */
    private boolean container(int op) {
        return switch (op) {
            case '}' -> pushNew(new LinkedHashMap<>(0));
            case ']', ')', 0x8f -> pushNew(new ArrayList<>(0));
            case 'd' -> pushNew(filled(new LinkedHashMap<>(), popMark()));
            case 'l', 't', 0x91 -> pushNew(popMark());
            case 0x85 -> tuple(1);
            case 0x86 -> tuple(2);
            case 0x87 -> tuple(3);
            case 'a' -> append(List.of(pop()));
            case 'e', 0x90 -> append(popMark());
            case 's' -> setOne();
            case 'u' -> set(popMark());
            default -> false;
        };
    }

    private boolean tuple(int n) {
        List<Object> items = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            items.add(0, pop());
        }
        return pushNew(items);
    }

    @SuppressWarnings("unchecked") // every list and map on the stack was made here
    private boolean append(List<Object> items) {
        held += items.size();
        if (top() instanceof List<?> list) {
            ((List<Object>) list).addAll(items);
        } else if (top() instanceof PyObject object) {
            object.list().addAll(items);
        } else {
            throw in.broken("a list on the stack", PickleRules.describe(top()));
        }
        return true;
    }

    private boolean setOne() {
        Object value = pop();
        Object key = pop();
        return set(List.of(key, value));
    }

    @SuppressWarnings("unchecked")
    private boolean set(List<Object> pairs) {
        held += pairs.size();
        if (top() instanceof Map<?, ?> map) {
            filled((Map<Object, Object>) map, pairs);
        } else if (top() instanceof PyObject object) {
            filled(object.items(), pairs);
        } else {
            throw in.broken("a dictionary on the stack", PickleRules.describe(top()));
        }
        return true;
    }

    private Map<Object, Object> filled(Map<Object, Object> map, List<Object> pairs) {
        if (pairs.size() % 2 != 0) {
            throw in.broken("keys and values in pairs", pairs.size() + " values");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            map.put(PickleRules.key(pairs.get(i)), pairs.get(i + 1));
        }
        return map;
    }

    /** Classes, calls and storages. */
    private boolean object(int op) {
        return switch (op) {
            case 'c' -> push(rules.global(in.line(), in.line()));
            case 0x93 -> stackGlobal();
            case 'R', 0x81 -> call(popTuple());
            case 0x92 -> callWithKeywords();
            case 'i' -> called(rules.global(in.line(), in.line()), popMark());
            case 'o' -> instanceFromStack(popMark());
            case 'b' -> build(pop());
            case 'Q' -> push(tensors.persistent(pop()));
            default -> false;
        };
    }

    private boolean stackGlobal() {
        String name = popText();
        return push(rules.global(popText(), name));
    }

    private boolean call(List<?> arguments) {
        return called(pop(), arguments);
    }

    /** What a call copies counts as much as what the pickle spells out. */
    private boolean called(Object callable, List<?> arguments) {
        Object result = rules.call(callable, arguments);
        held += result instanceof List<?> list ? list.size() : result instanceof Map<?, ?> map ? map.size() : 0;
        return pushNew(result);
    }

    private boolean callWithKeywords() {
        pop();
        return call(popTuple());
    }

    private boolean instanceFromStack(List<Object> items) {
        if (items.isEmpty()) {
            throw in.broken("a class on the stack", "none");
        }
        return called(items.get(0), items.subList(1, items.size()));
    }

    /** Attributes matter for unknown classes only; those of dictionaries and tensors are bookkeeping of torch. */
    private boolean build(Object state) {
        if (top() instanceof PyObject object) {
            object.setState(state);
        }
        return true;
    }
}
