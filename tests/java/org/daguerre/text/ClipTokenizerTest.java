package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.weights.CheckpointException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ClipTokenizerTest {
    private static final ClipTokenizer FULL = ClipTokenizer.builtin();

    @TestFactory
    List<DynamicTest> idsOfTheReference() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode prompt : TextFixtures.json("tokenizer.json").get("prompts")) {
            String text = prompt.get("text").textValue();
            String name = prompt.get("category").textValue() + ' ' + tests.size();
            tests.add(DynamicTest.dynamicTest(name, () -> check(prompt, text)));
        }
        assertTrue(tests.size() > 100);
        return tests;
    }

    private static void check(JsonNode prompt, String text) {
        int[] content = FULL.encode(text);
        int[] ids = new int[content.length + 2];
        ids[0] = FULL.startId();
        System.arraycopy(content, 0, ids, 1, content.length);
        ids[ids.length - 1] = FULL.endId();
        int[] expected = TextFixtures.ints(prompt.get("ids"));
        if (Arrays.equals(expected, ids)) {
            assertArrayEquals(TextFixtures.ints(prompt.get("ids77")), FULL.encode77(text));
        } else {
            assertTrue(prompt.has("ids_openai_clip"), () -> text + ": expected " + Arrays.toString(expected)
                + ", found " + Arrays.toString(ids));
            assertArrayEquals(TextFixtures.ints(prompt.get("ids_openai_clip")), ids);
        }
    }

    @Test
    void specialIds() {
        assertEquals(49408, FULL.vocabSize());
        assertEquals(49406, FULL.startId());
        assertEquals(49407, FULL.endId());
        assertEquals(49407, FULL.padId());
    }

    @Test
    void exclamationMarkIsAWordAlsoWhereItPads() {
        ClipTokenizer openClip = ClipTokenizer.load(TextFixtures.ROOT.resolve("models/tiny-sd2v/tokenizer"));
        assertEquals(0, openClip.padId());
        assertArrayEquals(new int[] {256}, openClip.encode("!"));
        assertArrayEquals(padded(openClip.startId(), openClip.endId(), 0), openClip.encode77(""));
        assertArrayEquals(padded(FULL.startId(), FULL.endId(), 0), FULL.withPadId(0).encode77(""));
        assertThrows(IllegalArgumentException.class, () -> FULL.withPadId(49408));
    }

    private static int[] padded(int start, int end, int pad) {
        int[] ids = new int[ClipTokenizer.LENGTH];
        Arrays.fill(ids, pad);
        ids[0] = start;
        ids[1] = end;
        return ids;
    }

    @Test
    void truncatedVocabularyOfAModel() throws IOException {
        ClipTokenizer tiny = ClipTokenizer.load(TextFixtures.TINY_TOKENIZER);
        assertEquals(1514, tiny.vocabSize());
        assertEquals(1512, tiny.startId());
        assertEquals(1513, tiny.padId());
        JsonNode meta = TextFixtures.json("tiny-sd1/weighted.json");
        int[] expected = TextFixtures.ints(meta.get(0).get("chunks").get(0).get("ids"));
        assertArrayEquals(expected, tiny.encode77("a red cat on the old table"));
        try (InputStream vocab = Files.newInputStream(TextFixtures.TINY_TOKENIZER.resolve("vocab.json"));
             InputStream merges = Files.newInputStream(TextFixtures.TINY_TOKENIZER.resolve("merges.txt"))) {
            assertArrayEquals(expected, ClipTokenizer.load(vocab, merges).encode77("a red cat on the old table"));
        }
    }

    @Test
    void truncatedVocabulariesAreTheBeginningOfTheFullOne() throws IOException {
        List<String> full = TokenizerFiles.builtin().merges();
        assertEquals(TokenizerFiles.MERGES, full.size());
        int folders = 0;
        try (Stream<Path> paths = Files.walk(TextFixtures.ROOT.resolve("models"))) {
            for (Path dir : (Iterable<Path>) paths.filter(p -> Files.exists(p.resolve("merges.txt")))::iterator) {
                TokenizerFiles files = TokenizerFiles.read(dir);
                assertEquals(full.subList(0, files.merges().size()), files.merges(), dir.toString());
                ClipTokenizer tokenizer = ClipTokenizer.load(dir);
                boolean openClip = dir.endsWith("tokenizer_2") || dir.toString().matches(".*tiny-(sd2v|depth).*");
                assertEquals(openClip ? 0 : tokenizer.endId(), tokenizer.padId(), dir.toString());
                folders++;
            }
        }
        assertEquals(7, folders);
    }

    @Test
    void singleFileOfNewerTools(@TempDir Path dir) throws IOException {
        String specials = "\"added_tokens\":[{\"id\":514,\"content\":\"<|endoftext|>\"}]";
        StringBuilder vocab = new StringBuilder("\"<|startoftext|>\":513");
        int id = 0;
        for (String ending : List.of("", "</w>")) {
            for (char c : ByteAlphabet.vocabularyOrder()) {
                String escape = c == '"' || c == '\\' ? "\\" : "";
                vocab.append(",\"").append(escape).append(c).append(ending).append("\":").append(id++);
            }
        }
        vocab.append(",\"at</w>\":512");
        for (String merge : List.of("\"a t</w>\"", "[\"a\",\"t</w>\"]")) {
            Files.writeString(dir.resolve("tokenizer.json"),
                "{" + specials + ",\"model\":{\"vocab\":{" + vocab + "},\"merges\":[" + merge + "]}}");
            ClipTokenizer tokenizer = ClipTokenizer.load(dir);
            assertArrayEquals(new int[] {'c' - '!', 512}, tokenizer.encode("CAT"));
            assertEquals(514, tokenizer.endId());
        }
    }

    @Test
    void decodeGivesTheWordsBack() {
        assertEquals("a photo of a cat 🐱, caf\u00e9", FULL.decode(FULL.encode77("A photo of a cat🐱,  caf\u00e9")));
        assertEquals("", FULL.decode(-1, Integer.MAX_VALUE, FULL.startId()));
    }

    @Test
    void damagedFilesAreNamed(@TempDir Path dir) throws IOException {
        assertThrows(CheckpointException.class, () -> ClipTokenizer.load(dir));
        for (String vocab : List.of("", "{", "[1]", "{\"a\":-1}", "{\"a\":\"b\"}", "{\"a\":1e99}",
            "{\"a\":2000000000}")) {
            assertThrows(CheckpointException.class, () -> load(vocab, ""), vocab);
        }
        String specials = "{\"<|startoftext|>\":1,\"<|endoftext|>\":2,\"ab\":3}";
        assertArrayEquals(new int[] {3, 2}, load(specials, "a b").encode("abc"), "c is unknown");
        for (String merges : List.of("ab", "a c", "a b c", "ab ab", "\u0000 \u0000")) {
            assertThrows(CheckpointException.class, () -> load(specials, "#version: 0.2\n" + merges), merges);
        }
    }

    private static ClipTokenizer load(String vocab, String merges) {
        return ClipTokenizer.load(new ByteArrayInputStream(vocab.getBytes(StandardCharsets.UTF_8)),
            new ByteArrayInputStream(merges.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void hostileTextIsReadInLinearTime() {
        int million = 1 << 20;
        List<String> texts = List.of("a".repeat(million), "\u0301\u0316".repeat(million), "Σ".repeat(million),
            "ab".repeat(million), " ".repeat(million), "\uD800".repeat(million), "'".repeat(million),
            "<|startoftext|".repeat(million / 8), "🐱".repeat(million), "\0".repeat(million), "1".repeat(million));
        for (String text : texts) {
            int[] ids = assertTimeout(Duration.ofSeconds(20), () -> FULL.encode(text));
            assertTrue(Arrays.stream(ids).allMatch(id -> id >= 0 && id < FULL.vocabSize()));
        }
    }
}
