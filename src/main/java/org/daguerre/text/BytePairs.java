package org.daguerre.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.daguerre.weights.CheckpointException;

/**
 * Byte-pair merging of one word (Sennrich et al. 2016): while any neighbouring pair is in the list of merges, the pair
 * with the lowest rank is joined, leftmost first. A queue of pairs makes it O(n log n) in the length of the word.
 *
 * <p>Symbols 0..255 are bytes, 256..511 bytes at the end of a word, the others results of merges.
 */
final class BytePairs {
    private static final int LAST = 256;

    private final Map<Long, Integer> rankOfPair;
    private final int[] result;
    private final int[] tokenOfSymbol;

    private BytePairs(Map<Long, Integer> rankOfPair, int[] result, int[] tokenOfSymbol) {
        this.rankOfPair = rankOfPair;
        this.result = result;
        this.tokenOfSymbol = tokenOfSymbol;
    }

    /**
     * Prepares merging.
     *
     * @param vocab token text to id
     * @param merges lines "left right" in order of rank
     * @param unknown id of single bytes that the vocabulary lacks
     * @throws CheckpointException if a merge joins or makes something that is not in the vocabulary
     */
    static BytePairs of(Map<String, Integer> vocab, List<String> merges, int unknown) {
        Map<String, Integer> symbols = new HashMap<>();
        int[] tokens = new int[2 * LAST + merges.size()];
        for (int b = 0; b < LAST; b++) {
            String text = String.valueOf(ByteAlphabet.character(b));
            symbols.put(text, b);
            symbols.put(text + ByteAlphabet.END_OF_WORD, LAST + b);
            tokens[b] = vocab.getOrDefault(text, unknown);
            tokens[LAST + b] = vocab.getOrDefault(text + ByteAlphabet.END_OF_WORD, unknown);
        }
        Map<Long, Integer> ranks = new HashMap<>(2 * merges.size());
        int[] result = new int[merges.size()];
        for (int rank = 0; rank < result.length; rank++) {
            String line = merges.get(rank);
            int space = line.indexOf(' ');
            Integer left = space < 0 ? null : symbols.get(line.substring(0, space));
            Integer right = space < 0 ? null : symbols.get(line.substring(space + 1));
            String joined = line.replace(" ", "");
            Integer token = vocab.get(joined);
            if (left == null || right == null || token == null) {
                throw new CheckpointException("Read BPE merges: expected two known pieces that make a token of the "
                    + "vocabulary, found \"" + line + "\" as merge " + (rank + 1));
            }
            Integer symbol = symbols.putIfAbsent(joined, symbols.size());
            result[rank] = symbol == null ? symbols.size() - 1 : symbol;
            tokens[result[rank]] = token;
            ranks.putIfAbsent(pair(left, right), rank);
        }
        return new BytePairs(ranks, result, tokens);
    }

    /** Token ids of one non-empty word given as UTF-8. */
    int[] encode(byte[] word) {
        Chain chain = new Chain(word);
        PriorityQueue<Long> queue = new PriorityQueue<>();
        for (int i = 0; i < word.length; i++) {
            offer(queue, chain, i);
        }
        while (!queue.isEmpty()) {
            long entry = queue.poll();
            int at = (int) entry;
            int rank = (int) (entry >>> 32);
            // Entries are not removed when a neighbour changes: they are recognised as outdated here.
            if (rank == rank(chain, at)) {
                chain.join(at, result[rank]);
                offer(queue, chain, at);
                offer(queue, chain, chain.previous[at]);
            }
        }
        return chain.tokens(tokenOfSymbol);
    }

    private void offer(PriorityQueue<Long> queue, Chain chain, int at) {
        int rank = rank(chain, at);
        if (rank >= 0) {
            queue.add((long) rank << 32 | at);
        }
    }

    /** Rank of the pair that starts at {@code at}, or -1. */
    private int rank(Chain chain, int at) {
        if (at < 0 || chain.symbol[at] < 0 || chain.next[at] == chain.symbol.length) {
            return -1;
        }
        return rankOfPair.getOrDefault(pair(chain.symbol[at], chain.symbol[chain.next[at]]), -1);
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    /** The symbols of a word as a doubly linked list in arrays; symbol -1 marks an element joined to its left one. */
    private static final class Chain {
        final int[] symbol;
        final int[] next;
        final int[] previous;

        Chain(byte[] word) {
            symbol = new int[word.length];
            next = new int[word.length];
            previous = new int[word.length];
            for (int i = 0; i < word.length; i++) {
                symbol[i] = (word[i] & 0xFF) + (i == word.length - 1 ? LAST : 0);
                next[i] = i + 1;
                previous[i] = i - 1;
            }
        }

        void join(int at, int joined) {
            int right = next[at];
            symbol[at] = joined;
            symbol[right] = -1;
            next[at] = next[right];
            if (next[at] < symbol.length) {
                previous[next[at]] = at;
            }
        }

        int[] tokens(int[] tokenOfSymbol) {
            return Arrays.stream(symbol).filter(s -> s >= 0).map(s -> tokenOfSymbol[s]).toArray();
        }
    }
}
