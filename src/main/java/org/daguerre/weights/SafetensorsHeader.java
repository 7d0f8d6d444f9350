package org.daguerre.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Shape;

/**
 * The JSON header of a safetensors file: {@code {"__metadata__": {text: text}, NAME: {"dtype", "shape",
 * "data_offsets"}}}. Offsets count from the end of the header. Reading makes the checks of the format's reference
 * implementation.
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
    /** One tensor: bytes {@code begin} to {@code end - 1} of the data section. */
    record Entry(DType dtype, Shape shape, long begin, long end) {
    }

    private static final Map<String, DType> DTYPES = dtypes();

    private static Map<String, DType> dtypes() {
        Map<String, DType> map = new HashMap<>();
        for (DType t : DType.values()) {
            map.put(t.name(), t);
        }
        return Map.copyOf(map);
    }

    /** Parses {@code text}; {@code dataBytes} is what follows the header in the file. */
    static SafetensorsHeader parse(Path file, byte[] text, long dataBytes) {
        try (JsonParser json = Json.parser(text)) {
            SafetensorsHeader header = new Reader(file, json).header();
            header.check(file, dataBytes);
            return header;
        } catch (IOException e) {
            throw CheckpointException.of(file, "a JSON header", Json.reason(e), e);
        }
    }

    /** No gaps, no overlaps, and the last tensor ends where the file ends. */
    private void check(Path file, long dataBytes) {
        List<Map.Entry<String, Entry>> sorted = new ArrayList<>(tensors.entrySet());
        sorted.sort((a, b) -> a.getValue().begin() != b.getValue().begin()
            ? Long.compare(a.getValue().begin(), b.getValue().begin())
            : Long.compare(a.getValue().end(), b.getValue().end()));
        long at = 0;
        for (Map.Entry<String, Entry> e : sorted) {
            if (e.getValue().begin() != at) {
                throw CheckpointException.of(file, "tensor " + e.getKey() + " to begin at byte " + at + " of the data",
                    "byte " + e.getValue().begin());
            }
            at = e.getValue().end();
        }
        if (at != dataBytes) {
            throw CheckpointException.of(file, at + " bytes of tensor data", dataBytes + " bytes");
        }
    }

    /** Walks the tokens; kept apart so that the record stays plain data. */
    private record Reader(Path file, JsonParser json) {
        SafetensorsHeader header() throws IOException {
            Map<String, Entry> tensors = new LinkedHashMap<>();
            Map<String, String> metadata = new LinkedHashMap<>();
            expect(json.nextToken(), JsonToken.START_OBJECT, "a JSON object as header");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                expect(json.currentToken(), JsonToken.FIELD_NAME, "a complete JSON header");
                String name = json.currentName();
                if (name.equals("__metadata__")) {
                    metadata(metadata);
                } else {
                    tensors.put(name, entry(name));
                }
            }
            if (json.nextToken() != null) {
                throw CheckpointException.of(file, "nothing after the JSON header", json.currentToken().toString());
            }
            return new SafetensorsHeader(tensors, metadata);
        }

        private void metadata(Map<String, String> metadata) throws IOException {
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                return;
            }
            expect(json.currentToken(), JsonToken.START_OBJECT, "an object as __metadata__");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                expect(json.nextToken(), JsonToken.VALUE_STRING, "text as __metadata__ " + key);
                metadata.put(key, json.getText());
            }
        }

        private Entry entry(String name) throws IOException {
            expect(json.nextToken(), JsonToken.START_OBJECT, "an object for tensor " + name);
            DType dtype = null;
            List<Long> dims = null;
            List<Long> offsets = null;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "dtype" -> dtype = dtype(name);
                    case "shape" -> dims = numbers("shape of " + name);
                    case "data_offsets" -> offsets = numbers("data_offsets of " + name);
                    default -> json.skipChildren();
                }
            }
            if (dtype == null || dims == null || offsets == null) {
                throw CheckpointException.of(file, "dtype, shape and data_offsets for tensor " + name, "one missing");
            }
            return checked(name, dtype, dims, offsets);
        }

        private DType dtype(String name) throws IOException {
            expect(json.currentToken(), JsonToken.VALUE_STRING, "text as dtype of " + name);
            DType dtype = DTYPES.get(json.getText());
            if (dtype == null) {
                throw CheckpointException.of(file, "a dtype of " + String.join(", ", DTYPES.keySet().stream().sorted()
                    .toList()) + " for tensor " + name, json.getText().toUpperCase(Locale.ROOT));
            }
            return dtype;
        }

        private List<Long> numbers(String what) throws IOException {
            expect(json.currentToken(), JsonToken.START_ARRAY, "a list as " + what);
            List<Long> values = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, "whole numbers as " + what);
                if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
                    throw CheckpointException.of(file, "numbers from 0 to 2^63 - 1 as " + what, json.getText());
                }
                values.add(json.getLongValue());
            }
            return values;
        }

        private Entry checked(String name, DType dtype, List<Long> dims, List<Long> offsets) {
            if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
                throw CheckpointException.of(file, "two ascending data_offsets for tensor " + name, offsets.toString());
            }
            long bytes = dtype.bytes();
            int[] sizes = new int[dims.size()];
            for (int i = 0; i < sizes.length; i++) {
                long d = dims.get(i);
                try {
                    bytes = Math.multiplyExact(bytes, d);
                    sizes[i] = Math.toIntExact(d);
                } catch (ArithmeticException e) {
                    throw CheckpointException.of(file, "a shape that fits in memory for tensor " + name,
                        dims.toString());
                }
            }
            if (bytes != offsets.get(1) - offsets.get(0)) {
                throw CheckpointException.of(file, bytes + " bytes for tensor " + name + " " + dtype + " " + dims,
                    (offsets.get(1) - offsets.get(0)) + " bytes");
            }
            return new Entry(dtype, Shape.of(sizes), offsets.get(0), offsets.get(1));
        }

        private void expect(JsonToken found, JsonToken wanted, String what) {
            if (found != wanted) {
                throw CheckpointException.of(file, what, found == null ? "the end of the header" : found.toString());
            }
        }
    }
}
