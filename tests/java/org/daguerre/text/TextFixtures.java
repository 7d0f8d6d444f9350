package org.daguerre.text;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** Reads the expected values of the text tests. */
final class TextFixtures {
    static final Path ROOT = Path.of("tests/fixtures");
    static final Path TINY_TOKENIZER = ROOT.resolve("models/tiny-sd1/tokenizer");

    private TextFixtures() {
    }

    static JsonNode json(String name) {
        try {
            return JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build()
                .readTree(ROOT.resolve(name).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).doubleValue();
        }
        return values;
    }

    static List<Weighted> weighted(JsonNode pairs) {
        List<Weighted> parts = new ArrayList<>();
        for (JsonNode pair : pairs) {
            parts.add(new Weighted(pair.get(0).textValue(), pair.get(1).doubleValue()));
        }
        return parts;
    }
}
