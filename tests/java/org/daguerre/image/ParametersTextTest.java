package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ParametersTextTest {
    private static Map<String, String> settings(String... pairs) {
        Map<String, String> out = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            out.put(pairs[i], pairs[i + 1]);
        }
        return out;
    }

    @Test
    void writesTheUsualForm() {
        ParametersText p = new ParametersText("a photo of a cat", Optional.of("blurry"), settings("Steps", "20",
                "Sampler", "Euler a", "Schedule type", "Karras", "CFG scale", "7", "Seed", "1", "Size", "512x512",
                "Model", "v1-5", "Clip skip", "2", "RNG", "NV", "Lora hashes", "one: 12ab, two: 34cd"));
        String text = "a photo of a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, Schedule type: Karras, "
                + "CFG scale: 7, Seed: 1, Size: 512x512, Model: v1-5, Clip skip: 2, RNG: NV, "
                + "Lora hashes: \"one: 12ab, two: 34cd\"";
        assertEquals(text, p.format());
        assertEquals(p, ParametersText.parse(text));
    }

    @Test
    void absentNegativeIsNotAnEmptyOne() {
        Map<String, String> s = settings("Steps", "1");
        ParametersText absent = new ParametersText("p", Optional.empty(), s);
        ParametersText empty = new ParametersText("p", Optional.of(""), s);
        assertEquals("p\nSteps: 1", absent.format());
        assertEquals("p\nNegative prompt: \nSteps: 1", empty.format());
        assertEquals(absent, ParametersText.parse(absent.format()));
        assertEquals(empty, ParametersText.parse(empty.format()));
    }

    @Test
    void hardPromptsSurvive() {
        List<String> prompts = List.of("", " ", "\n", "a\n\n b \n", "Negative prompt: x", "a\nNegative prompt: x\nb",
                "Steps: 20, Sampler: Euler a, CFG scale: 7", "a\nSteps: 5", "a\nSteps: 5, Size: 1x1\nmore", "a\r\nb",
                "\r", "cat:1.2, dog:1.1, bird:1.0", "Template: x", "\"quoted\"",
                "(a:1.2), [b:c:0.5], <lora:x:1>, \\(c\\)",
                "猫, \uD83D\uDC08", "tab\there", "a, b: c\nExact prompt: x, y: z, w: v", "Exact prompt: x");
        List<Map<String, String>> all = List.of(settings("Steps", "20", "Seed", "1", "Size", "8x8"),
                settings("Seed", "2"), settings());
        for (String prompt : prompts) {
            for (String negative : prompts) {
                for (Map<String, String> s : all) {
                    ParametersText p = new ParametersText(prompt, Optional.of(negative), s);
                    assertEquals(p, ParametersText.parse(p.format()), p::format);
                }
            }
            ParametersText p = new ParametersText(prompt, Optional.empty(), all.get(0));
            assertEquals(p, ParametersText.parse(p.format()), p::format);
        }
    }

    @Test
    void randomValuesSurviveInOrder() {
        Random random = new Random(11);
        String letters = "ab,: \n\r\t\"\\{}[]'/-.0é猫\u0001";
        for (int i = 0; i < 3000; i++) {
            Map<String, String> s = settings("Steps", "1");
            for (int k = 0; k < 4; k++) {
                s.put("Key " + k, random(random, letters));
            }
            ParametersText p = new ParametersText(random(random, letters), Optional.of(random(random, letters)), s);
            ParametersText read = ParametersText.parse(p.format());
            assertEquals(p, read, p::format);
            assertEquals(List.copyOf(s.keySet()), List.copyOf(read.settings().keySet()));
        }
    }

    private static String random(Random random, String letters) {
        StringBuilder out = new StringBuilder();
        for (int n = random.nextInt(9); n > 0; n--) {
            out.append(letters.charAt(random.nextInt(letters.length())));
        }
        return out.toString();
    }

    @Test
    void plainPromptsNeedNoExtraSetting() {
        Map<String, String> s = settings("Steps", "20");
        ParametersText p = new ParametersText("a cat,\n(sitting:1.2)", Optional.of("low\nquality"), s);
        assertFalse(p.format().contains("Exact"), p.format());
        assertTrue(new ParametersText("a\r", Optional.empty(), s).format().contains("Exact prompt"));
    }

    @Test
    void anyTextParses() {
        for (String text : List.of("", "\n\n", ",", ":", "Steps: ", "a: \"", "Steps: 1, : , ::, x: {\"a\", y: [1",
                "Steps: 20,", "Steps: 3, \\: \\, a: \"\\u12\", b: \"\\\"")) {
            ParametersText p = ParametersText.parse(text);
            assertEquals(ParametersText.parse(text), p);
        }
        assertEquals("only a prompt\nin two lines", ParametersText.parse("only a prompt\nin two lines").prompt());
    }

    @Test
    void refusesNamesThatCannotBeRead() {
        for (String key : List.of("", "a,b", "a:b", " a", "a\nb", "\"a")) {
            ParametersText p = new ParametersText("p", Optional.empty(), settings(key, "v"));
            assertThrows(IllegalArgumentException.class, p::format, key);
        }
    }
}
