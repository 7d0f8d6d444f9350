package org.daguerre.text;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.daguerre.weights.CheckpointException;

/**
 * CLIP's tokenizer: lower-cased byte-level BPE (Radford et al. 2021, section 2.4), 49408 tokens in published models.
 *
 * <p>"!" in a prompt is always the token 256, also where "!" (id 0) is the padding token, as in the original OpenCLIP.
 * Any string is accepted, also with lone surrogates. Instances can be shared between threads.
 */
public final class ClipTokenizer {
    /** Positions of a CLIP text encoder: start token, 75 tokens of text, end token. */
    public static final int LENGTH = 77;

    private static final int CACHED_WORDS = 20_000;
    private static final int CACHED_WORD_LENGTH = 40;

    private final BytePairs pairs;
    private final String[] texts;
    private final int startId;
    private final int endId;
    private final int padId;
    private final Map<String, int[]> cache = new ConcurrentHashMap<>();

    private ClipTokenizer(BytePairs pairs, String[] texts, int startId, int endId, int padId) {
        this.pairs = pairs;
        this.texts = texts;
        this.startId = startId;
        this.endId = endId;
        this.padId = padId;
    }

    /** The full vocabulary of OpenAI's CLIP, padding with the end token; see {@link #withPadId}. */
    public static ClipTokenizer builtin() {
        return of(TokenizerFiles.builtin());
    }

    /**
     * Reads the tokenizer folder of a model: vocab.json and merges.txt, or tokenizer.json; the padding token from
     * special_tokens_map.json or tokenizer_config.json.
     *
     * @throws CheckpointException if files are missing or damaged
     */
    public static ClipTokenizer load(Path dir) {
        return of(TokenizerFiles.read(dir));
    }

    /** Reads vocab.json and merges.txt from streams, which stay open; pads with the end token. */
    public static ClipTokenizer load(InputStream vocab, InputStream merges) {
        return of(TokenizerFiles.read(vocab, merges));
    }

    private static ClipTokenizer of(TokenizerFiles files) {
        Map<String, Integer> vocab = files.vocab();
        int end = id(vocab, WordScanner.END);
        int size = vocab.values().stream().mapToInt(Integer::intValue).max().orElse(0) + 1;
        String[] texts = new String[size];
        vocab.forEach((text, id) -> texts[id] = text);
        BytePairs pairs = BytePairs.of(vocab, files.merges(), end);
        int pad = files.padToken().map(token -> id(vocab, token)).orElse(end);
        return new ClipTokenizer(pairs, texts, id(vocab, WordScanner.START), end, pad);
    }

    private static int id(Map<String, Integer> vocab, String token) {
        return Optional.ofNullable(vocab.get(token)).orElseThrow(() -> new CheckpointException(
            "Read tokenizer: expected the token " + token + ", found a vocabulary of " + vocab.size() + " without it"));
    }

    /** The same tokenizer with another padding token: 0 for the OpenCLIP encoders of SD 2 and SDXL. */
    public ClipTokenizer withPadId(int id) {
        if (id < 0 || id >= texts.length) {
            throw new IllegalArgumentException("Padding token: expected an id below " + texts.length + ", found " + id);
        }
        return new ClipTokenizer(pairs, texts, startId, endId, id);
    }

    /** The ids of a text of any length, without start and end token. */
    public int[] encode(String text) {
        int[] ids = new int[16];
        int n = 0;
        for (String word : WordScanner.words(text)) {
            int[] piece = encodeWord(word);
            if (n + piece.length > ids.length) {
                ids = Arrays.copyOf(ids, Math.max(2 * ids.length, n + piece.length));
            }
            System.arraycopy(piece, 0, ids, n, piece.length);
            n += piece.length;
        }
        return Arrays.copyOf(ids, n);
    }

    /** Start token, the first 75 tokens of the text, end token, padding: {@value #LENGTH} ids. */
    public int[] encode77(String text) {
        int[] ids = encode(text);
        return frame(ids, Math.min(ids.length, LENGTH - 2));
    }

    /** Puts the first {@code count} (at most 75) ids between start and end token and pads to {@value #LENGTH}. */
    int[] frame(int[] ids, int count) {
        int[] framed = new int[LENGTH];
        Arrays.fill(framed, padId);
        framed[0] = startId;
        System.arraycopy(ids, 0, framed, 1, count);
        framed[count + 1] = endId;
        return framed;
    }

    private int[] encodeWord(String word) {
        if (word.equals(WordScanner.START)) {
            return new int[] {startId};
        }
        if (word.equals(WordScanner.END)) {
            return new int[] {endId};
        }
        int[] known = cache.get(word);
        if (known != null) {
            return known;
        }
        int[] ids = pairs.encode(word.getBytes(StandardCharsets.UTF_8));
        if (word.length() <= CACHED_WORD_LENGTH && cache.size() < CACHED_WORDS) {
            cache.put(word, ids);
        }
        return ids;
    }

    /**
     * Text of the ids: lower case, one space after each word, start and end tokens left out, and so are ids outside
     * the vocabulary.
     */
    public String decode(int... ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            if (id >= 0 && id < texts.length && texts[id] != null && id != startId && id != endId) {
                appendBytes(bytes, texts[id]);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8).strip();
    }

    private static void appendBytes(ByteArrayOutputStream bytes, String token) {
        boolean last = token.endsWith(ByteAlphabet.END_OF_WORD);
        int length = token.length() - (last ? ByteAlphabet.END_OF_WORD.length() : 0);
        for (int i = 0; i < length; i++) {
            int b = ByteAlphabet.unsignedByte(token.charAt(i));
            bytes.write(b >= 0 ? b : '?');
        }
        if (last) {
            bytes.write(' ');
        }
    }

    public int startId() {
        return startId;
    }

    public int endId() {
        return endId;
    }

    public int padId() {
        return padId;
    }

    /** Number of ids, the special ones included. */
    public int vocabSize() {
        return texts.length;
    }

    /** The token a text is, if it is exactly one: the id of "," tells where a prompt may be cut. */
    Optional<Integer> single(String text) {
        int[] ids = encode(text);
        return ids.length == 1 ? Optional.of(ids[0]) : Optional.empty();
    }

    @Override
    public String toString() {
        return "ClipTokenizer" + List.of(texts.length, startId, endId, padId);
    }
}
