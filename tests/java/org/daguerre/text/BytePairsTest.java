package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compares the queue of pairs with the definition of BPE: find the lowest rank, join all its pairs, repeat. */
class BytePairsTest {
    private static final TokenizerFiles FILES = TokenizerFiles.builtin();
    private static final Map<String, Integer> RANKS = ranks();

    private static Map<String, Integer> ranks() {
        Map<String, Integer> ranks = new HashMap<>();
        FILES.merges().forEach(merge -> ranks.put(merge, ranks.size()));
        return ranks;
    }

    @Test
    void sameAsTheDefinition() {
        BytePairs pairs = BytePairs.of(FILES.vocab(), FILES.merges(), 49407);
        long seed = Long.getLong("test.seed", 1);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] word = randomWord(random);
            assertArrayEquals(byDefinition(word), pairs.encode(word),
                () -> "seed " + seed + ": " + Arrays.toString(word));
        }
    }

    private static byte[] randomWord(Random random) {
        byte[] word = new byte[1 + random.nextInt(24)];
        int letters = 2 + random.nextInt(25);
        for (int i = 0; i < word.length; i++) {
            word[i] = (byte) (random.nextInt(20) == 0 ? random.nextInt(256) : 'a' + random.nextInt(letters));
        }
        return word;
    }

    private static int[] byDefinition(byte[] word) {
        List<String> symbols = new ArrayList<>();
        for (char c : new String(word, StandardCharsets.ISO_8859_1).toCharArray()) {
            symbols.add(String.valueOf(ByteAlphabet.character(c)));
        }
        symbols.set(word.length - 1, symbols.get(word.length - 1) + "</w>");
        while (true) {
            int best = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                best = Math.min(best, RANKS.getOrDefault(symbols.get(i) + ' ' + symbols.get(i + 1), Integer.MAX_VALUE));
            }
            if (best == Integer.MAX_VALUE) {
                return symbols.stream().mapToInt(FILES.vocab()::get).toArray();
            }
            for (int i = 0; i + 1 < symbols.size(); i++) {
                if (RANKS.getOrDefault(symbols.get(i) + ' ' + symbols.get(i + 1), -1) == best) {
                    symbols.set(i, symbols.get(i) + symbols.remove(i + 1));
                }
            }
        }
    }
}
