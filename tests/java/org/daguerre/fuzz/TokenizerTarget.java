package org.daguerre.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.daguerre.text.ClipTokenizer;
import org.daguerre.weights.CheckpointException;

/** Tokenizer folders: vocab.json, merges.txt and special_tokens_map.json, or tokenizer.json, separated by a byte 0. */
public final class TokenizerTarget {
    private static final String SPECIALS = "\"<|startoftext|>\":2,\"<|endoftext|>\":3";

    private static final FuzzFile FILES = new FuzzFile();

    private TokenizerTarget() {
    }

    static Stream<byte[]> seeds() {
        return Corpus.of("tokenizer").with(bytes("0{\"a\":0,\"t</w>\":1,\"at</w>\":4," + SPECIALS + "}\0#version: 0.2\na t</w>\n\0{\"pad_token\":\"a\"}"))
            .with(bytes("1{\"model\":{\"vocab\":{\"a\":0,\"t</w>\":1,\"at</w>\":4," + SPECIALS + "},\"merges\":[[\"a\",\"t</w>\"]]},"
                + "\"added_tokens\":[{\"id\":5,\"content\":\"!\"}]}\0{\"pad_token\":{\"content\":\"!\"}}")).stream();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        boolean single = choices.next() == '1';
        FILES.remove("vocab.json", "merges.txt", "tokenizer.json");
        FILES.write(single ? "tokenizer.json" : "vocab.json", choices.part());
        if (!single) {
            FILES.write("merges.txt", choices.part());
        }
        FILES.write("special_tokens_map.json", choices.part());
        try {
            ClipTokenizer tokenizer = ClipTokenizer.load(FILES.folder());
            tokenizer.decode(tokenizer.encode("at a cat! " + choices.text()));
            tokenizer.encode77("at");
        } catch (CheckpointException e) {
            // refused: the other good end
        }
    }
}
