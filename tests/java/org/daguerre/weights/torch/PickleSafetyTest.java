package org.daguerre.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.weights.CheckpointException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Pickles that would run code in Python, and pickles that would exhaust a careless reader. */
class PickleSafetyTest {
    private static Object load(byte[] pickle) {
        return new PickleMachine(Path.of("test.pt"), ByteBuffer.wrap(pickle)).load();
    }

    private static Object load(String protocol0) {
        return load(protocol0.getBytes(StandardCharsets.UTF_8));
    }

    /** Each way in which a pickle can name and call a function. */
    @TestFactory
    Stream<DynamicTest> everyWayToCall() {
        Map<String, byte[]> cases = new LinkedHashMap<>();
        cases.put("REDUCE", PickleBytes.start().global("os", "system").op('(').text("true").ops("tR").end());
        cases.put("STACK_GLOBAL", PickleBytes.start().text("os").text("system").op(0x93).op('(').text("x").ops("tR")
            .end());
        cases.put("INST", "(S'true'\nios\nsystem\n.".getBytes(StandardCharsets.UTF_8));
        cases.put("OBJ", PickleBytes.start().op('(').global("subprocess", "Popen").text("true").op('o').end());
        cases.put("NEWOBJ", PickleBytes.start().global("subprocess", "Popen").ops(")").op(0x81).end());
        cases.put("NEWOBJ_EX", PickleBytes.start().global("subprocess", "Popen").ops(")}").op(0x92).end());
        cases.put("mentioned only", PickleBytes.start().global("posix", "system").end());
        cases.put("as a dictionary key", PickleBytes.start().op('}').global("nt", "system").number(1).op('s').end());
        cases.put("thrown away", PickleBytes.start().global("os", "system").ops("0N").end());
        return cases.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
            String message = assertThrows(CheckpointException.class, () -> load(e.getValue())).getMessage();
            assertTrue(message.contains("os.system") || message.contains("subprocess.Popen")
                || message.contains("posix.system") || message.contains("nt.system"), message);
        }));
    }

    @Test
    void refusedNames() {
        for (String name : List.of("os system", "posix popen", "nt system", "sys modules", "subprocess check_output",
            "builtins eval", "builtins exec", "builtins getattr", "builtins __import__", "builtins open",
            "builtins compile",
            "__builtin__ eval", "__builtin__ apply", "runpy run_path", "importlib import_module",
            "importlib.util find_spec",
            "shutil rmtree", "socket socket", "os.path join", "pty spawn", "ctypes CDLL", "code InteractiveInterpreter",
            "pickle loads", "_pickle loads", "marshal loads", "operator attrgetter", "functools partial",
            "webbrowser open", "pip main", "timeit timeit", "types FunctionType", "types CodeType",
            "multiprocessing.util spawnv",
            "torch load", "torch.serialization load", "torch.hub load", "torch.storage _load_from_bytes",
            "torch.jit load", "torch.utils.cpp_extension load", "numpy load", "asyncio run", "urllib.request urlopen",
            "a.__class__ x", "foo __globals__", "foo bar.__init__.__globals__", " x")) {
            String[] part = name.split(" ", 2);
            byte[] pickle = PickleBytes.start().global(part[0], part[1]).end();
            CheckpointException e = assertThrows(CheckpointException.class, () -> load(pickle), name);
            assertTrue(e.getMessage().contains(part[0] + "." + part[1]), e.getMessage());
        }
    }

    /** What real files mention besides tensors: nothing happens, and the rest is still read. */
    @Test
    void foreignClassesAreInert() {
        for (String name : List.of("pytorch_lightning.callbacks.model_checkpoint ModelCheckpoint", "numpy dtype",
            "numpy.core.multiarray scalar", "numpy.core.multiarray _reconstruct", "omegaconf.dictconfig DictConfig",
            "argparse Namespace", "pathlib PosixPath", "torch device", "torch float16", "__main__ Model",
            "torch.nn.modules.linear Linear", "collections defaultdict", "_codecs encode", "builtins set")) {
            String[] part = name.split(" ", 2);
            byte[] pickle = PickleBytes.start().op('}').op('(')
                .global(part[0], part[1]).op('}').text("k").number(3).op('s')
                .text("called").global(part[0], part[1]).op('(').text("argument").op('t').op('R')
                .text("built").global(part[0], part[1]).op(')').op(0x81).op('}').text("a").number(1).ops("sb")
                .text("rest").number(42).op('u').end();
            Map<?, ?> map = (Map<?, ?>) load(pickle);
            assertEquals(42L, map.get("rest"), name);
            assertEquals(Map.of("k", 3L), map.get(new GlobalRef(part[0], part[1])), name);
        }
    }

    @Test
    void foreignObjectsKeepWhatTheyWereGiven() {
        byte[] pickle = PickleBytes.start().global("some.where", "AttributeDict").op(')').op(0x81)
            .op('}').text("state").number(1).ops("sb").text("key").text("value").op('s').number(5).op('a').end();
        PyObject object = assertInstanceOf(PyObject.class, load(pickle));
        assertEquals("some.where.AttributeDict", object.className());
        assertEquals(Map.of("state", 1L), object.state());
        assertEquals(Map.of("key", "value"), object.items());
        assertEquals(List.of(5L), object.list());
    }

    /** A state dict carries its metadata as an attribute, which is dropped. */
    @Test
    void orderedDictionaries() {
        byte[] pickle = PickleBytes.start().global("collections", "OrderedDict").ops(")R(").text("a").number(1).op('u')
            .op('}').text("_metadata").op('}').ops("sb").end();
        assertEquals(Map.of("a", 1L), load(pickle));
        byte[] pairs = PickleBytes.start().global("collections", "OrderedDict").op(']').op(']').text("a").op('a')
            .number(2).op('a').op('a').op(0x85).op('R').end();
        assertEquals(Map.of("a", 2L), load(pairs));
    }

    @TestFactory
    Stream<DynamicTest> brokenPickles() {
        Map<String, byte[]> cases = new LinkedHashMap<>();
        cases.put("empty", new byte[0]);
        cases.put("only a stop", new byte[] {'.'});
        cases.put("no stop", new byte[] {(byte) 0x80, 2, 'N'});
        cases.put("protocol 6", new byte[] {(byte) 0x80, 6, 'N', '.'});
        cases.put("unknown opcode", PickleBytes.start().op(0xff).end());
        cases.put("extension", PickleBytes.start().op(0x82).op(1).end());
        cases.put("persistent id as text", PickleBytes.start().ops("Pid\n").end());
        cases.put("text longer than the file", PickleBytes.start().op('X').i32(-1).raw(new byte[100]).end());
        cases.put("text of 2^62 bytes", PickleBytes.start().op(0x8d).raw(new byte[] {0, 0, 0, 0, 0, 0, 0, 0x40}).end());
        cases.put("text of negative length", PickleBytes.start().op(0x8d)
            .raw(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}).end());
        cases.put("integer of 2^32 - 1 bytes", PickleBytes.start().op(0x8b).i32(-1).end());
        cases.put("integer of 1000 bytes", PickleBytes.start().op(0x8b).i32(1000).raw(new byte[1000]).end());
        cases.put("integer of 100000 digits", PickleBytes.start().ops("I" + "1".repeat(100_000) + "\n").end());
        cases.put("integer of letters", PickleBytes.start().ops("Iabc\n").end());
        cases.put("float of letters", PickleBytes.start().ops("Fabc\n").end());
        cases.put("text without quotes", PickleBytes.start().ops("Sabc\n").end());
        cases.put("frame beyond the end", PickleBytes.start().op(0x95).raw(new byte[] {0, 1, 0, 0, 0, 0, 0, 0}).end());
        cases.put("unknown memo", PickleBytes.start().op('h').op(7).end());
        cases.put("memo of nothing", PickleBytes.start().op('q').op(0).end());
        cases.put("pop of nothing", PickleBytes.start().op('0').end());
        cases.put("mark missing", PickleBytes.start().op('t').end());
        cases.put("odd dictionary", PickleBytes.start().ops("(").number(1).op('d').end());
        cases.put("set on a number", PickleBytes.start().number(1).number(2).number(3).op('s').end());
        cases.put("append to a number", PickleBytes.start().number(1).number(2).op('a').end());
        cases.put("call with a number", PickleBytes.start().global("a", "b").number(1).op('R').end());
        cases.put("object of nothing", PickleBytes.start().ops("(o").end());
        cases.put("storage of nothing", PickleBytes.start().op('N').op('Q').end());
        cases.put("storage of a short tuple", PickleBytes.start().op('(').text("storage").ops("tQ").end());
        cases.put("tensor of nothing", PickleBytes.start().global("torch._utils", "_rebuild_tensor_v2").ops(")R")
            .end());
        cases.put("tensor of numbers", PickleBytes.start().global("torch._utils", "_rebuild_tensor_v2")
            .numbers(1, 2, 3, 4)
            .op('R').end());
        return cases.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(),
            () -> assertThrows(CheckpointException.class, () -> load(e.getValue()))));
    }

    /** Ten million of anything is more than a checkpoint needs; one byte each, they must not cost a hundred each. */
    @TestFactory
    Stream<DynamicTest> floods() {
        int n = 10_000_000;
        Map<String, byte[]> cases = new LinkedHashMap<>();
        for (String op : List.of("}", "]", ")", "(", "N", "](", "}}", "N2", "(N", "K\1")) {
            cases.put("repeated " + op, PickleBytes.start().raw(op.repeat(n / op.length())
                .getBytes(StandardCharsets.UTF_8)).end());
        }
        PickleBytes memo = PickleBytes.start().op('N');
        for (int i = 0; i < n / 5; i++) {
            memo.op('r').i32(i);
        }
        cases.put("memo", memo.raw("N".repeat(n).getBytes(StandardCharsets.UTF_8)).end());
        PickleBytes objects = PickleBytes.start().global("a", "B").op('q').op(0).op('0');
        cases.put("objects", objects.raw("h\0)\u0081".repeat(n / 4).getBytes(StandardCharsets.ISO_8859_1)).end());
        cases.put("growing list", PickleBytes.start().op(']').op('q').op(0)
            .raw("h\0h\0a0".repeat(n / 2).getBytes(StandardCharsets.ISO_8859_1)).end());
        return cases.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> assertTimeout(
            Duration.ofSeconds(20), () -> assertThrows(CheckpointException.class, () -> load(e.getValue())))));
    }

    /** A doubling list reaches 2^60 values in 200 bytes if lists are copied; here they are shared, and not walked. */
    @Test
    void doublingIsBounded() {
        PickleBytes b = PickleBytes.start().op('}').text("state_dict").op(']').op('q').op(0);
        for (int i = 0; i < 60; i++) {
            b.op(']').op('h').op(i).op('a').op('h').op(i).op('a').op('q').op(i + 1);
        }
        byte[] pickle = b.op('h').op(60).raw(new byte[0]).end();
        assertTimeout(Duration.ofSeconds(10), () -> {
            Object root = load(pickle);
            assertThrows(CheckpointException.class, () -> TensorTree.tensors(Path.of("t"), root));
        });
    }

    /** Copies of a list of a million values: each costs a few bytes in the pickle. */
    @Test
    void copiesAreBounded() {
        PickleBytes b = PickleBytes.start().global("builtins", "list").op('q').op(1).op('0').op('(')
            .raw("N".repeat(1_000_000).getBytes(StandardCharsets.UTF_8)).op('l').op(0x85).op('q').op(0).op('0');
        byte[] pickle = b.raw("h\1h\0R".repeat(100_000).getBytes(StandardCharsets.UTF_8)).end();
        assertTimeout(Duration.ofSeconds(10), () -> assertThrows(CheckpointException.class, () -> load(pickle)));
    }

    /** Names chosen to have the same hash must not make a dictionary slow. */
    @Test
    void equalHashesAreBounded() {
        PickleBytes b = PickleBytes.start().op('}').op('(');
        for (int i = 0; i < 1 << 16; i++) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 16; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            b.global("m", name.toString()).op('N');
        }
        byte[] pickle = b.op('u').end();
        assertTimeout(Duration.ofSeconds(10), () -> assertEquals(1 << 16, ((Map<?, ?>) load(pickle)).size()));
    }

    @Test
    void circlesAndDepth() {
        PickleBytes circle = PickleBytes.start().op('}').op('q').op(0).text("me").op('h').op(0).op('s');
        Object root = load(circle.end());
        assertEquals(Map.of(), TensorTree.tensors(Path.of("t"), root));
        byte[] deep = PickleBytes.start().raw("(".repeat(300_000).getBytes(StandardCharsets.UTF_8))
            .raw("t".repeat(300_000).getBytes(StandardCharsets.UTF_8)).end();
        assertEquals(Map.of(), TensorTree.tensors(Path.of("t"), load(deep)));
        byte[] circularKey = PickleBytes.start().op('}').op(']').op('q').op(1).op('h').op(1).op('a').number(1).op('s')
            .end();
        assertEquals(1, ((Map<?, ?>) load(circularKey)).size());
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] whole = PickleBytes.start().op('}').op('(').text("k").tensor("FloatStorage", "0", 4, 0, new long[] {4},
            new long[] {1}).text("n").number(300).op('u').end();
        load(whole);
        for (int size = 0; size < whole.length; size++) {
            byte[] cut = Arrays.copyOf(whole, size);
            assertThrows(CheckpointException.class, () -> load(cut), "size " + size);
        }
    }

    @Test
    void protocolZero() {
        assertEquals(Map.of("a", List.of(1L, true)), load("(dp0\nS'a'\np1\n(lp2\nI1\naI01\nasg0\n0."));
    }
}
