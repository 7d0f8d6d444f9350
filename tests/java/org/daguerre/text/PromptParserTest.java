package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PromptParserTest {
    @TestFactory
    List<DynamicTest> sameAsTheReference() {
        List<JsonNode> cases = new ArrayList<>();
        TextFixtures.json("tokenizer.json").get("weighted").forEach(cases::add);
        assertTrue(cases.size() > 30);
        TextFixtures.json("tiny-sd1/weighted.json").forEach(cases::add);
        return cases.stream().map(c -> DynamicTest.dynamicTest("\"" + c.get("text").textValue().strip() + "\"", () ->
            assertEquals(TextFixtures.weighted(c.get("parsed")), PromptParser.attention(c.get("text").textValue()))))
            .toList();
    }

    @Test
    void breaks() {
        assertEquals(List.of(new Weighted("a", 1.1), Weighted.BREAK, new Weighted("b", 1.1)),
            PromptParser.attention("(a BREAK b)"), "also in brackets");
        assertEquals(List.of(new Weighted("a", 1), Weighted.BREAK, new Weighted("", 1), Weighted.BREAK,
            new Weighted("b", 1)), PromptParser.attention("a BREAK BREAK b"));
        assertEquals(List.of(new Weighted("BREAKS breaK _BREAK BREAK1 éBREAK", 1)),
            PromptParser.attention("BREAKS breaK _BREAK BREAK1 éBREAK"));
        assertEquals(List.of(new Weighted("x", 1), Weighted.BREAK, new Weighted(",y", 1)),
            PromptParser.attention("x\n\tBREAK,y"));
    }

    @Test
    void whatIsNoNumberIsText() {
        assertEquals(List.of(new Weighted("a:1e999", 1.1)), PromptParser.attention("(a:1e999)"));
        assertEquals(List.of(new Weighted("a:1.2.3", 1.1)), PromptParser.attention("(a:1.2.3)"));
        assertEquals(List.of(new Weighted("a:.", 1.1)), PromptParser.attention("(a:.)"));
        assertEquals(List.of(new Weighted("a:NaN", 1.1)), PromptParser.attention("(a:NaN)"));
        assertEquals(List.of(new Weighted("a:1.2)", 1)), PromptParser.attention("a:1.2)"));
        assertEquals(List.of(new Weighted("a:+-1", 1.1)), PromptParser.attention("(a:+-1)"));
        assertEquals(List.of(new Weighted("a\0🐱\uD800", 1.5)), PromptParser.attention("(a\0🐱\uD800:1.5)"));
    }

    @Test
    void weightsThatAreNoFloatsAreRefused() {
        String digits = "9".repeat(400);
        assertThrows(IllegalArgumentException.class, () -> PromptParser.attention("(a:" + digits + ")"));
        assertThrows(IllegalArgumentException.class, () -> PromptParser.attention("(".repeat(990) + "a"));
        assertThrows(IllegalArgumentException.class, () -> PromptParser.attention("((a:0):" + digits + ")"), "NaN");
    }

    @Test
    void hostileTextTakesLinearTime() {
        int n = 100_000;
        assertThrows(IllegalArgumentException.class, () -> PromptParser.attention("(".repeat(n)));
        assertThrows(IllegalArgumentException.class, () -> PromptParser.attention("(a".repeat(n)));
        List<String> texts = List.of(")".repeat(n), "(a)".repeat(n), "[a](b:2)".repeat(n), ":1".repeat(n),
            "(a:" + "1".repeat(n), "(a:" + " ".repeat(n), "\\".repeat(n), "BREAK".repeat(n), "BREAK ".repeat(n),
            " ".repeat(n) + "BREAK" + " ".repeat(n), "(".repeat(900) + "()a".repeat(n) + ")".repeat(900));
        for (String text : texts) {
            List<Weighted> parts = assertTimeout(Duration.ofSeconds(10), () -> PromptParser.attention(text));
            assertTrue(!parts.isEmpty());
        }
    }
}
