package org.daguerre.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.daguerre.image.ParametersText;

/** Any text can be read as parameters; what was read survives writing and reading again. */
public final class ParametersTarget {
    private ParametersTarget() {
    }

    static Stream<byte[]> seeds() {
        return Stream.concat(Corpus.of("parameters").stream(), Stream.of(
            "a prompt\nNegative prompt: bad\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512",
            "p\nSteps: 2, Lora hashes: \"a: 1, b: 2\", Hashes: {\"vae\": \"1\", \"x\": [1, \"]\"]}, Version: v1\nTemplate: t\nmore",
            "x\nNegative prompt: \nSteps: 1, Exact prompt: \"x\\ny\", No negative prompt: true, A: \"\\u00e9\\ud83d\\ude00\"")
            .map(s -> s.getBytes(StandardCharsets.UTF_8)));
    }

    public static void fuzzerTestOneInput(byte[] data) {
        ParametersText read = ParametersText.parse(new String(data, StandardCharsets.UTF_8));
        String written;
        try {
            written = read.format();
        } catch (IllegalArgumentException e) {
            return; // names that only a foreign text can have
        }
        assertEquals(read, ParametersText.parse(written));
    }
}
