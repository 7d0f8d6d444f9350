package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonConfigTest {
    private static final Path FILE = Path.of("unet", "config.json");

    private static JsonConfig config(String json) {
        return JsonConfig.parse(FILE, json.replace('\'', '"'));
    }

    @Test
    void values() {
        JsonConfig c = config("{'i':5,'f':1e-5,'whole':4.0,'b':true,'s':'text','list':[1,2],'names':['a',null],"
            + "'none':null,'sub':{'x':7}}");
        assertEquals(5, c.getInt("i"));
        assertEquals(4, c.getInt("whole"));
        assertEquals(1e-5, c.getDouble("f"));
        assertTrue(c.getBoolean("b"));
        assertEquals("text", c.getString("s"));
        assertArrayEquals(new int[] {1, 2}, c.getInts("list"));
        assertArrayEquals(new int[] {5}, c.getInts("i"));
        assertEquals(List.of("a", ""), c.getStrings("names"));
        assertEquals(7, c.sub("sub").getInt("x"));
        assertFalse(c.has("none"));
        assertTrue(c.isList("list") && !c.isList("i"));
    }

    @Test
    void defaults() {
        JsonConfig c = config("{'none':null}");
        assertEquals(3, c.getInt("none", 3));
        assertArrayEquals(new int[] {1, 2}, c.getInts("missing", 1, 2));
        assertEquals("x", c.getString("missing", "x"));
        assertTrue(c.getBoolean("missing", true));
        assertEquals(0.5, c.getDouble("missing", 0.5));
        assertEquals(List.of("y"), c.getStrings("missing", List.of("y")));
    }

    @Test
    void errorsNameFileAndKey() {
        JsonConfig c = config("{'s':'text','sub':{'list':[1,'x']},'big':3000000000,'half':0.5}");
        assertMessage("no such key", "missing", () -> c.getInt("missing"));
        assertMessage("a whole number", "s", () -> c.getInt("s"));
        assertMessage("a whole number", "s", () -> c.getInt("s", 1));
        assertMessage("a whole number", "big", () -> c.getInt("big"));
        assertMessage("a whole number", "half", () -> c.getInt("half"));
        assertMessage("a number", "s", () -> c.getDouble("s"));
        assertMessage("true or false", "s", () -> c.getBoolean("s"));
        assertMessage("text", "half", () -> c.getString("half"));
        assertMessage("a list of texts", "s", () -> c.getStrings("s"));
        assertMessage("an object", "s", () -> c.sub("s"));
        assertMessage("a whole number", "sub.list[1]", () -> c.sub("sub").getInts("list"));
    }

    /** Python writes infinities into schedulers' configurations; they can be passed on, but are no numbers for networks. */
    @Test
    void infinities() {
        JsonConfig c = config("{'least':-Infinity,'what':NaN,'eps':1e-5}");
        assertEquals(1e-5, c.getDouble("eps"));
        assertMessage("a number", "least", () -> c.getDouble("least"));
        assertMessage("a number", "what", () -> c.getDouble("what"));
        assertMessage("a whole number", "least", () -> c.getInt("least"));
        assertTrue(c.toJson().contains("\"least\" : -Infinity"), c.toJson());
    }

    private static void assertMessage(String expected, String key, org.junit.jupiter.api.function.Executable call) {
        String message = assertThrows(CheckpointException.class, call).getMessage();
        assertTrue(message.startsWith(FILE.toString()) && message.contains(expected) && message.contains(key), message);
    }

    @Test
    void brokenText() {
        for (String json : List.of("", "[]", "5", "{", "{'a':1,'a':2}", "{} {}", "{'a':" + "[".repeat(5000) + "}",
            "{'a':" + "9".repeat(1000) + "}", "{'a':1,}")) {
            assertThrows(CheckpointException.class, () -> config(json), json);
        }
    }
}
