package org.daguerre.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * JSON as model files may contain it: strict UTF-8, no duplicate keys, nesting and sizes limited. Configurations may hold Python's
 * {@code -Infinity}, which DPM-Solver's have.
 */
final class Json {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER_CHARS = 64;
    private static final int MAX_TEXT_CHARS = 100_000_000;
    private static final int MAX_NAME_CHARS = 65_536;
    private static final long MAX_FILE_BYTES = 64L << 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .streamReadConstraints(StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxNumberLength(MAX_NUMBER_CHARS)
            .maxNameLength(MAX_NAME_CHARS)
            .maxStringLength(MAX_TEXT_CHARS)
            .build())
        .build();
    private static final ObjectMapper MAPPER = new ObjectMapper(FACTORY);
    private static final ObjectWriter PRINTER
        = MAPPER.writerWithDefaultPrettyPrinter().without(JsonWriteFeature.WRITE_NAN_AS_STRINGS);

    private Json() {
    }

    /** Tokens of UTF-8 text. The decoder is ours because Jackson would guess another encoding and mend broken bytes. */
    static JsonParser parser(byte[] utf8) throws IOException {
        return FACTORY.createParser(new InputStreamReader(new ByteArrayInputStream(utf8),
            StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)));
    }

    /** Reads a file that holds one JSON object. */
    static ObjectNode readObject(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_FILE_BYTES) {
                throw CheckpointException.of(file, "a JSON file of at most " + MAX_FILE_BYTES + " bytes",
                    size + " bytes");
            }
            return parseObject(file, Files.readAllBytes(file));
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    static ObjectNode parseObject(Path file, byte[] utf8) {
        try (JsonParser parser = parser(utf8).enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS.mappedFeature())) {
            JsonNode node = MAPPER.readTree(parser);
            if (!(node instanceof ObjectNode object)) {
                throw CheckpointException.of(file, "a JSON object",
                    node == null ? "nothing" : node.getNodeType().name());
            }
            if (parser.nextToken() != null) {
                throw CheckpointException.of(file, "one JSON object", "more text behind it");
            }
            return object;
        } catch (IOException e) {
            throw CheckpointException.of(file, "a JSON object", reason(e), e);
        }
    }

    static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    /** Pretty-printed text with a final newline. */
    static String print(JsonNode node) {
        try {
            return PRINTER.writeValueAsString(node) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // a tree of plain values has nothing that could not be written
        }
    }

    /** The message without Jackson's dump of the source. */
    static String reason(IOException e) {
        String text = e instanceof JsonProcessingException j ? j.getOriginalMessage() : e.toString();
        return text.length() > 200 ? text.substring(0, 200) + "..." : text;
    }
}
