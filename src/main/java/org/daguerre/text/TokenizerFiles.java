package org.daguerre.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.weights.CheckpointException;

/** What a tokenizer folder holds: token ids, merges "left right" in order of rank, and the padding token if named. */
record TokenizerFiles(Map<String, Integer> vocab, List<String> merges, Optional<String> padToken) {
    /** CLIP uses this many merges (49408 = 2 * 256 bytes + merges + 2 special tokens), although its file has more. */
    static final int MERGES = 48_894;

    private static final String BUILTIN = "/org/daguerre/clip/merges.txt";
    private static final int MAX_ID = 1 << 20;
    private static final long MAX_BYTES = 1 << 28;

    /** The full vocabulary, which follows from the merges: bytes, bytes at the end of a word, merges, specials. */
    static TokenizerFiles builtin() {
        try (InputStream in = TokenizerFiles.class.getResourceAsStream(BUILTIN)) {
            if (in == null) {
                throw new CheckpointException("Read tokenizer: expected the resource " + BUILTIN + ", found nothing");
            }
            List<String> merges = merges(in);
            Map<String, Integer> vocab = new HashMap<>();
            for (String ending : List.of("", ByteAlphabet.END_OF_WORD)) {
                for (char c : ByteAlphabet.vocabularyOrder()) {
                    vocab.put(c + ending, vocab.size());
                }
            }
            for (String merge : merges) {
                vocab.put(merge.replace(" ", ""), vocab.size());
            }
            vocab.put(WordScanner.START, vocab.size());
            vocab.put(WordScanner.END, vocab.size());
            return new TokenizerFiles(vocab, merges, Optional.empty());
        } catch (IOException e) {
            throw new CheckpointException("Read tokenizer: " + BUILTIN + ": " + e.getMessage(), e);
        }
    }

    static TokenizerFiles read(InputStream vocab, InputStream merges) {
        try {
            return new TokenizerFiles(vocab(json(vocab)), merges(merges), Optional.empty());
        } catch (IOException e) {
            throw new CheckpointException("Read tokenizer: " + e.getMessage(), e);
        }
    }

    static TokenizerFiles read(Path dir) {
        Path vocab = dir.resolve("vocab.json");
        Path merges = dir.resolve("merges.txt");
        Path both = dir.resolve("tokenizer.json");
        try {
            Optional<String> pad = padToken(dir);
            if (Files.exists(vocab) && Files.exists(merges)) {
                try (InputStream v = open(vocab); InputStream m = open(merges)) {
                    return new TokenizerFiles(vocab(json(v)), merges(m), pad);
                }
            }
            if (Files.exists(both)) {
                try (InputStream in = open(both)) {
                    return combined(json(in), pad);
                }
            }
        } catch (IOException e) {
            throw new CheckpointException("Read tokenizer: " + dir + ": " + e.getMessage(), e);
        }
        throw new CheckpointException(
            "Read tokenizer: expected vocab.json and merges.txt, or tokenizer.json, found neither in " + dir);
    }

    private static InputStream open(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file.getFileName() + ": expected at most " + MAX_BYTES + " bytes, found "
                + Files.size(file));
        }
        return Files.newInputStream(file);
    }

    private static JsonNode json(InputStream in) throws IOException {
        return new ObjectMapper().readTree(in.readAllBytes());
    }

    private static Map<String, Integer> vocab(JsonNode object) {
        Map<String, Integer> vocab = new HashMap<>();
        object.fields().forEachRemaining(entry -> vocab.put(entry.getKey(), id(entry.getKey(), entry.getValue())));
        return vocab;
    }

    private static int id(String token, JsonNode id) {
        if (!id.isInt() || id.intValue() < 0 || id.intValue() >= MAX_ID) {
            throw new CheckpointException("Read tokenizer vocabulary: expected an id below " + MAX_ID
                + ", found " + id + " for \"" + token + "\"");
        }
        return id.intValue();
    }

    private static List<String> merges(InputStream in) throws IOException {
        List<String> merges = new ArrayList<>();
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        for (String line : (Iterable<String>) text.lines()::iterator) {
            boolean header = merges.isEmpty() && line.startsWith("#version");
            if (!header && !line.isEmpty() && merges.size() < MERGES) {
                merges.add(line);
            }
        }
        return merges;
    }

    /** The single file of newer tools; merges are there "left right" or ["left", "right"]. */
    private static TokenizerFiles combined(JsonNode file, Optional<String> pad) {
        Map<String, Integer> vocab = vocab(file.path("model").path("vocab"));
        for (JsonNode added : file.path("added_tokens")) {
            String token = added.path("content").asText();
            vocab.putIfAbsent(token, id(token, added.path("id")));
        }
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : file.path("model").path("merges")) {
            merges.add(merge.isArray() ? merge.path(0).asText() + " " + merge.path(1).asText() : merge.asText());
        }
        return new TokenizerFiles(vocab, merges, pad);
    }

    private static Optional<String> padToken(Path dir) throws IOException {
        for (String name : List.of("special_tokens_map.json", "tokenizer_config.json")) {
            Path file = dir.resolve(name);
            if (Files.exists(file)) {
                try (InputStream in = open(file)) {
                    JsonNode pad = json(in).path("pad_token");
                    JsonNode content = pad.isObject() ? pad.path("content") : pad;
                    if (content.isTextual()) {
                        return Optional.of(content.asText());
                    }
                }
            }
        }
        return Optional.empty();
    }
}
