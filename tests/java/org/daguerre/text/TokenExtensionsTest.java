package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class TokenExtensionsTest {
    private static final TokenExtensions THREE = TokenExtensions.none(100)
        .with("style", 2).with("style-x", 3).with("<a>", 1);

    @Test
    void idsFollowOneAnother() {
        assertEquals(6, THREE.vectors());
        assertEquals("style", THREE.startingWith(100).orElseThrow().text());
        assertEquals("style-x", THREE.startingWith(102).orElseThrow().text());
        assertEquals("<a>", THREE.startingWith(105).orElseThrow().text());
        assertEquals(true, THREE.startingWith(101).isEmpty());
    }

    @Test
    void longestTriggerWinsAndWordsStayWhole() {
        assertEquals(List.of("style-x"), found("my Style-X"));
        assertEquals(List.of("style"), found("style-xy"));
        assertEquals(List.of(), found("styles freestyle éstyle"));
        assertEquals(List.of("style", "style"), found("style1,style"));
        assertEquals(List.of("<a>", "<a>"), found("x<a><A>y"));
        assertEquals(List.of(), found(""));
    }

    private static List<String> found(String text) {
        return THREE.split(text).stream()
            .flatMap(stretch -> stretch.trigger().stream())
            .map(TokenExtensions.Trigger::text)
            .toList();
    }

    @Test
    void nothingIsLost() {
        String text = "a style, <a>\uD800 style-x";
        StringBuilder joined = new StringBuilder();
        THREE.split(text).forEach(s -> joined.append(s.text()));
        assertEquals(text, joined.toString());
    }

    @Test
    void badTriggersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> THREE.with(" ", 1));
        assertThrows(IllegalArgumentException.class, () -> THREE.with("STYLE", 1));
        assertThrows(IllegalArgumentException.class, () -> THREE.with("b", 0));
        assertThrows(IllegalArgumentException.class, () -> THREE.with("b", 76));
    }
}
