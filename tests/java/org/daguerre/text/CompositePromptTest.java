package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class CompositePromptTest {
    @Test
    void partsAndWeights() {
        assertEquals(List.of(new Weighted("a cat", 1.2), new Weighted("a dog", 1)),
            CompositePrompt.parse("a cat :1.2 AND a dog"));
        assertEquals(List.of(new Weighted("a", 1), new Weighted("b", -0.5), new Weighted("(c:1.1)", 2)),
            CompositePrompt.parse("a AND b: -.5 AND\n(c:1.1):2."));
        assertEquals(List.of(new Weighted("", 1), new Weighted("", 1)), CompositePrompt.parse("AND"));
    }

    @Test
    void withoutAndThereIsNoWeight() {
        assertEquals(List.of(new Weighted("ratio 16:9", 1)), CompositePrompt.parse("ratio 16:9"));
        assertEquals(List.of(new Weighted("SAND and ANDROID", 1)), CompositePrompt.parse("SAND and ANDROID"));
    }

    @Test
    void whatIsNoWeightIsText() {
        assertEquals(List.of(new Weighted("a:x", 1), new Weighted("b:1e5", 1)), CompositePrompt.parse("a:x AND b:1e5"));
        assertThrows(IllegalArgumentException.class, () -> CompositePrompt.parse("a AND b:" + "9".repeat(50)));
    }

    @Test
    void manyParts() {
        assertEquals(100_001, CompositePrompt.parse("AND ".repeat(100_000)).size());
        assertEquals(1, CompositePrompt.parse("AND".repeat(100_000)).size());
    }
}
