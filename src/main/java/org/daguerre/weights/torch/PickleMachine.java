package org.daguerre.weights.torch;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack machine for pickles of protocols 0 to 5 that builds plain values only: Map, List (also for tuples and sets),
 * String, Long, BigInteger, Double, Boolean, byte[], {@link TorchFile#NONE}, {@link TensorRef}, and the inert
 * {@link GlobalRef} and {@link PyObject}. It does not recurse, and it limits what a pickle can make it hold.
 */
final class PickleMachine {
    private static final int MAX_PROTOCOL = 5;
    private static final int MAX_DIGITS = 300;

    private final PickleInput in;
    private final PickleRules rules;
    private final TensorBuilder tensors;
    private final PickleStack stack;

    PickleMachine(Path file, ByteBuffer bytes) {
        this.in = new PickleInput(file, bytes);
        this.stack = new PickleStack(in);
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
        stack.clear();
        while (true) {
            int op = in.u8();
            if (op == '.') {
                return stack.pop();
            }
            if (!literal(op) && !text(op) && !stackAndMemo(op) && !container(op) && !object(op)) {
                throw in.broken("a known opcode", "opcode " + op);
            }
            stack.checkLimits();
        }
    }

    /** Numbers and constants. */
    private boolean literal(int op) {
        return switch (op) {
            case 0x80 -> protocol();
            case 0x95 -> frame();
            case 'N' -> stack.push(TorchFile.NONE);
            case 0x88 -> stack.push(true);
            case 0x89 -> stack.push(false);
            case 'K' -> stack.push((long) in.u8());
            case 'M' -> stack.push((long) in.u16());
            case 'J' -> stack.push((long) in.i32());
            case 0x8a -> stack.push(in.integer(in.u8()));
            case 0x8b -> stack.push(in.integer(in.u32()));
            case 'G' -> stack.push(in.f64());
            case 'I' -> stack.push(integerLine(in.line()));
            case 'L' -> stack.push(integerLine(in.line().replace("L", "")));
            case 'F' -> stack.push(floatLine(in.line()));
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
            case 'X' -> stack.push(in.utf8(in.u32()));
            case 0x8c -> stack.push(in.utf8(in.u8()));
            case 0x8d -> stack.push(in.utf8(in.i64()));
            case 'T' -> stack.push(in.text(in.u32(), StandardCharsets.UTF_8));
            case 'U' -> stack.push(in.text(in.u8(), StandardCharsets.UTF_8));
            case 'B' -> stack.push(in.bytes(in.u32()));
            case 'C' -> stack.push(in.bytes(in.u8()));
            case 0x8e, 0x96 -> stack.push(in.bytes(in.i64()));
            case 'V' -> stack.push(in.line());
            case 'S' -> stack.push(unquoted(in.line()));
            default -> false;
        };
    }

    private String unquoted(String line) {
        int n = line.length();
        boolean quoted = n >= 2 && (line.charAt(0) == '\'' || line.charAt(0) == '"')
            && line.charAt(n - 1) == line.charAt(0);
        if (!quoted) {
            throw in.broken("a quoted text", "no quotes");
        }
        return line.substring(1, n - 1);
    }

    private boolean stackAndMemo(int op) {
        switch (op) {
            case '(' -> stack.mark();
            case '0' -> stack.discard();
            case '1' -> stack.popMark();
            case '2' -> stack.push(stack.top());
            case 'p' -> stack.remember(memoLine());
            case 'q' -> stack.remember(in.u8());
            case 'r' -> stack.remember(in.u32());
            case 0x94 -> stack.remember();
            case 'g' -> stack.recall(memoLine());
            case 'h' -> stack.recall(in.u8());
            case 'j' -> stack.recall(in.u32());
            default -> {
                return false;
            }
        }
        return true;
    }

    private long memoLine() {
        return integerLine(in.line()) instanceof Long n ? n : -1;
    }

    /** Dictionaries, lists, tuples and sets. */
    private boolean container(int op) {
        return switch (op) {
            case '}' -> stack.pushNew(new LinkedHashMap<>(0));
            case ']', ')', 0x8f -> stack.pushNew(new ArrayList<>(0));
            case 'd' -> stack.pushNew(filled(new LinkedHashMap<>(), stack.popMark()));
            case 'l', 't', 0x91 -> stack.pushNew(stack.popMark());
            case 0x85 -> tuple(1);
            case 0x86 -> tuple(2);
            case 0x87 -> tuple(3);
            case 'a' -> append(List.of(stack.pop()));
            case 'e', 0x90 -> append(stack.popMark());
            case 's' -> setOne();
            case 'u' -> set(stack.popMark());
            default -> false;
        };
    }

    private boolean tuple(int n) {
        List<Object> items = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            items.add(0, stack.pop());
        }
        return stack.pushNew(items);
    }

    @SuppressWarnings("unchecked") // every list and map on the stack was made here
    private boolean append(List<Object> items) {
        stack.hold(items.size());
        if (stack.top() instanceof List<?> list) {
            ((List<Object>) list).addAll(items);
        } else if (stack.top() instanceof PyObject object) {
            object.list().addAll(items);
        } else {
            throw in.broken("a list on the stack", PickleRules.describe(stack.top()));
        }
        return true;
    }

    private boolean setOne() {
        Object value = stack.pop();
        Object key = stack.pop();
        return set(List.of(key, value));
    }

    @SuppressWarnings("unchecked")
    private boolean set(List<Object> pairs) {
        stack.hold(pairs.size());
        if (stack.top() instanceof Map<?, ?> map) {
            filled((Map<Object, Object>) map, pairs);
        } else if (stack.top() instanceof PyObject object) {
            filled(object.items(), pairs);
        } else {
            throw in.broken("a dictionary on the stack", PickleRules.describe(stack.top()));
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
            case 'c' -> stack.push(rules.global(in.line(), in.line()));
            case 0x93 -> stackGlobal();
            case 'R', 0x81 -> call(stack.popTuple());
            case 0x92 -> callWithKeywords();
            case 'i' -> called(rules.global(in.line(), in.line()), stack.popMark());
            case 'o' -> instanceFromStack(stack.popMark());
            case 'b' -> build(stack.pop());
            case 'Q' -> stack.push(tensors.persistent(stack.pop()));
            default -> false;
        };
    }

    private boolean stackGlobal() {
        String name = stack.popText();
        return stack.push(rules.global(stack.popText(), name));
    }

    private boolean call(List<?> arguments) {
        return called(stack.pop(), arguments);
    }

    /** What a call copies counts as much as what the pickle spells out. */
    private boolean called(Object callable, List<?> arguments) {
        Object result = rules.call(callable, arguments);
        stack.hold(result instanceof List<?> list ? list.size() : result instanceof Map<?, ?> map ? map.size() : 0);
        return stack.pushNew(result);
    }

    private boolean callWithKeywords() {
        stack.pop();
        return call(stack.popTuple());
    }

    private boolean instanceFromStack(List<Object> items) {
        if (items.isEmpty()) {
            throw in.broken("a class on the stack", "none");
        }
        return called(items.get(0), items.subList(1, items.size()));
    }

    /** Attributes matter for unknown classes only; those of dictionaries and tensors are bookkeeping of torch. */
    private boolean build(Object state) {
        if (stack.top() instanceof PyObject object) {
            object.setState(state);
        }
        return true;
    }
}
