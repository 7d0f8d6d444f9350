package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected values of the first four tests are those that A1111 documents for 10 and 100 steps. */
class PromptScheduleTest {
    private static void check(String prompt, Object... endsAndTexts) {
        List<PromptSchedule.Span> expected = new ArrayList<>();
        for (int i = 0; i < endsAndTexts.length; i += 2) {
            expected.add(new PromptSchedule.Span((Integer) endsAndTexts[i], (String) endsAndTexts[i + 1]));
        }
        assertEquals(expected, PromptSchedule.of(prompt, 10).spans(), prompt);
    }

    @Test
    void changes() {
        check("test", 10, "test");
        check("a [b:3]", 3, "a ", 10, "a b");
        check("a [b: 3]", 3, "a ", 10, "a b");
        check("a [[[b]]:2]", 2, "a ", 10, "a [[b]]");
        check("[(a:2):3]", 3, "", 10, "(a:2)");
        check("a [b : c : 1] d", 1, "a b  d", 10, "a  c  d");
        check("a[b:[c:d:2]:1]e", 1, "abe", 2, "ace", 10, "ade");
        check("a [b:.5] c", 5, "a  c", 10, "a b c");
    }

    @Test
    void unpairedBracketsAreText() {
        check("a [unbalanced", 10, "a [unbalanced");
        check("((a][:b:c [d:3]", 3, "((a][:b:c ", 10, "((a][:b:c d");
        check("[a (b:3]", 10, "[a (b:3]");
        check("[a) b:3]", 10, "[a) b:3]");
        check("[x (a [b) c:3]", 10, "[x (a [b) c:3]");
        check("a | b", 10, "a | b");
        check("]a[", 10, "]a[");
    }

    @Test
    void alternation() {
        check("[a|(b:1.1)]", 1, "a", 2, "(b:1.1)", 3, "a", 4, "(b:1.1)", 5, "a", 6, "(b:1.1)", 7, "a", 8, "(b:1.1)",
            9, "a", 10, "(b:1.1)");
        check("[fe|]male", 1, "female", 2, "male", 3, "female", 4, "male", 5, "female", 6, "male", 7, "female",
            8, "male", 9, "female", 10, "male");
        check("[fe|||]male", 1, "female", 4, "male", 5, "female", 8, "male", 9, "female", 10, "male");
    }

    @Test
    void severalChangesInAHundredSteps() {
        PromptSchedule schedule = PromptSchedule.of("fantasy landscape with a [mountain:lake:0.25] and [an oak:a "
            + "christmas tree:0.75][ in foreground::0.6][: in background:0.25] [shoddy:masterful:0.5]", 100);
        assertEquals(List.of(
            new PromptSchedule.Span(25, "fantasy landscape with a mountain and an oak in foreground shoddy"),
            new PromptSchedule.Span(50, "fantasy landscape with a lake and an oak in foreground in background shoddy"),
            new PromptSchedule.Span(60,
                "fantasy landscape with a lake and an oak in foreground in background masterful"),
            new PromptSchedule.Span(75, "fantasy landscape with a lake and an oak in background masterful"),
            new PromptSchedule.Span(100, "fantasy landscape with a lake and a christmas tree in background masterful")),
            schedule.spans());
        assertEquals(schedule.spans().get(1).text(), schedule.at(26));
        assertEquals(schedule.spans().get(1).text(), schedule.at(50));
        assertFalse(schedule.constant());
        assertThrows(IllegalArgumentException.class, () -> schedule.at(101));
    }

    @Test
    void timesOutsideTheRun() {
        check("[a:b:0]", 10, "b");
        check("[a:b:-3]", 10, "b");
        check("[a:b:10]", 10, "a");
        check("[a:b:99999999999999999999]", 10, "a");
        check("[a:b:1.0]", 10, "a");
        check("[a:b:1]", 1, "a", 10, "b");
        check("[a:b:2.7]", 2, "a", 10, "b");
        check("[a::0.05]", 10, "");
    }

    @Test
    void whatIsNoEditIsText() {
        check("[a:b:c:3]", 10, "[a:b:c:3]");
        check("[a:b]", 10, "[a:b]");
        check("[a:1e3]", 10, "[a:1e3]");
        check("\\[a:3\\]", 10, "\\[a:3\\]");
        check("[a\\:b:3]", 3, "", 10, "a\\:b");
        check("[a:[3:4]]", 4, "[a:]", 10, "[a:3]");
        check("", 10, "");
        check("[|]", 10, "");
        assertTrue(PromptSchedule.of("(a:1.2) [b]", 10).constant());
    }

    @Test
    void nestedAlternation() {
        check("[[a|b]|c]", 1, "a", 2, "c", 3, "a", 4, "c", 5, "a", 6, "c", 7, "a", 8, "c", 9, "a", 10, "c");
        check("[[a|b]::2]c", 1, "ac", 2, "bc", 10, "c");
    }

    @Test
    void hostileTextTakesLinearTime() {
        int n = 100_000;
        List<String> texts = List.of("[".repeat(n), "]".repeat(n), "(".repeat(n) + "]".repeat(n),
            "[".repeat(n) + "]".repeat(n), "[x:".repeat(n) + "]".repeat(n), "[(".repeat(n) + ")]".repeat(n),
            "[(".repeat(n) + "])".repeat(n), "[" + "a|".repeat(n) + "]", "[a:3]".repeat(n), "\\".repeat(n),
            "[a|b]".repeat(n / 10), "|:".repeat(n), "[a:b:" + "1".repeat(n) + "]", "\uD800\0🐱".repeat(n));
        for (String text : texts) {
            PromptSchedule schedule = assertTimeout(Duration.ofSeconds(10), () -> PromptSchedule.of(text, 30));
            assertEquals(30, schedule.spans().get(schedule.spans().size() - 1).endStep());
        }
        String deep = "[".repeat(n) + "a" + ":1]".repeat(n);
        assertThrows(IllegalArgumentException.class, () -> PromptSchedule.of(deep, 30));
        assertEquals("a", PromptSchedule.of("[".repeat(1000) + "a" + ":1]".repeat(1000), 30).at(2));
        assertThrows(IllegalArgumentException.class, () -> PromptSchedule.of("a", 0));
    }
}
