package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PromptChunksTest {
    private static final ClipTokenizer FULL = ClipTokenizer.builtin();
    private static final ClipTokenizer TINY = ClipTokenizer.load(TextFixtures.TINY_TOKENIZER);
    private static final int CAT = 2368;

    @TestFactory
    List<DynamicTest> sameAsTheReference() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode c : TextFixtures.json("tokenizer.json").get("chunking")) {
            tests.add(test(FULL, c, c.get("comma_padding_backtrack").intValue()));
        }
        assertTrue(tests.size() >= 16);
        for (JsonNode c : TextFixtures.json("tiny-sd1/weighted.json")) {
            tests.add(test(TINY, c, PromptChunks.BACKTRACK));
        }
        return tests;
    }

    private static DynamicTest test(ClipTokenizer tokenizer, JsonNode c, int backtrack) {
        String text = c.get("text").textValue();
        String name = backtrack + " " + text.substring(0, Math.min(40, text.length()));
        return DynamicTest.dynamicTest(name, () -> {
            List<PromptChunk> chunks = PromptChunks.of(tokenizer, TokenExtensions.none(tokenizer.vocabSize()),
                PromptParser.attention(text), backtrack).chunks();
            assertEquals(c.get("chunks").size(), chunks.size());
            for (int i = 0; i < chunks.size(); i++) {
                JsonNode expected = c.get("chunks").get(i);
                assertArrayEquals(TextFixtures.ints(expected.get("ids")), chunks.get(i).ids());
                assertArrayEquals(TextFixtures.floats(expected.get("multipliers")), chunks.get(i).multipliers());
            }
        });
    }

    @Test
    void paddingFollowsTheEndToken() {
        PromptChunk chunk = PromptChunks.of(FULL.withPadId(0), "(cat:2) BREAK").chunks().get(0);
        assertEquals(1, chunk.count());
        assertArrayEquals(new int[] {CAT}, chunk.content());
        assertEquals(FULL.endId(), chunk.ids()[chunk.endPosition()]);
        assertEquals(0, chunk.ids()[3]);
        assertEquals(2, chunk.multipliers()[1]);
        assertEquals(1, chunk.multipliers()[2]);
    }

    @Test
    void emptyChunksFillUp() {
        PromptChunks one = PromptChunks.of(FULL, "a cat");
        PromptChunks three = one.padTo(3, FULL);
        assertEquals(3, three.size());
        assertArrayEquals(FULL.encode77(""), three.chunks().get(2).ids());
        assertEquals(3, three.padTo(1, FULL).size());
        assertFalse(three.weighted());
        assertTrue(PromptChunks.of(FULL, "[cat]").weighted());
    }

    @Test
    void textualInversionOfTheReference() throws Exception {
        JsonNode ti = TextFixtures.json("tiny-sd1/meta.json").get("ti");
        TokenExtensions extensions = TokenExtensions.none(TINY.vocabSize())
            .with(ti.get("placeholder").textValue(), ti.get("vectors").intValue());
        List<Weighted> parts = PromptParser.attention(ti.get("text").textValue());
        PromptChunks chunks = PromptChunks.of(TINY, extensions, parts, PromptChunks.BACKTRACK);
        int[] expected = TensorFile.ints(
            TextFixtures.ROOT.resolve("tiny-sd1/components.safetensors"), "ti/input_ids");
        assertArrayEquals(expected, chunks.chunks().get(0).ids());
        TokenReport report = TokenReport.of(TINY, extensions, chunks);
        assertEquals("a photo of <tiny-style> in the park", report.pieces().get(0).text());
    }

    @Test
    void vectorsOfAnInversionStayTogether() {
        TokenExtensions extensions = TokenExtensions.none(FULL.vocabSize()).with("bad-hand", 8).with("other", 75);
        String prompt = "cat ".repeat(70) + "(BAD-HAND:1.5) cat";
        List<PromptChunk> chunks = PromptChunks.of(FULL, extensions, PromptParser.attention(prompt), 20).chunks();
        assertEquals(2, chunks.size());
        assertEquals(70, chunks.get(0).count());
        assertEquals(9, chunks.get(1).count());
        assertArrayEquals(new int[] {49408, 49409, 49410, 49411, 49412, 49413, 49414, 49415, CAT},
            chunks.get(1).content());
        assertEquals(1.5f, chunks.get(1).multipliers()[8]);
        List<Weighted> full = List.of(new Weighted("cat other, cat", 1));
        assertEquals(List.of(1, 75, 2),
            PromptChunks.of(FULL, extensions, full, 20).chunks().stream().map(PromptChunk::count).toList());
    }

    @Test
    void lookingBackIsLimitedToAChunk() {
        List<Weighted> parts = List.of(new Weighted("cat", 1));
        TokenExtensions none = TokenExtensions.none(FULL.vocabSize());
        assertThrows(IllegalArgumentException.class, () -> PromptChunks.of(FULL, none, parts, -1));
        assertThrows(IllegalArgumentException.class, () -> PromptChunks.of(FULL, none, parts, 76));
    }

    @Test
    void reportShowsWhereThePromptWasCut() {
        TokenExtensions none = TokenExtensions.none(FULL.vocabSize());
        TokenReport one = TokenReport.of(FULL, none, PromptChunks.of(FULL, "A (cat:1.2)"));
        assertEquals("2 tokens in 1 chunk", one.describe());
        TokenReport two = TokenReport.of(FULL, none, PromptChunks.of(FULL, "dog ".repeat(76) + "BREAK cat"));
        assertEquals(77, two.tokens());
        assertEquals(List.of(75, 1, 1), two.pieces().stream().map(TokenReport.Piece::tokens).toList());
        assertEquals("cat", two.pieces().get(2).text());
        assertTrue(two.describe().contains(String.format("%n  chunk 2 (1 token): dog%n")), two.describe());
    }
}
