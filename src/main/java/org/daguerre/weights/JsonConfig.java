package org.daguerre.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Typed reading of a JSON configuration such as {@code unet/config.json}. A key that is missing or null gives the
 * default where one is passed, else an error; a value of the wrong type is always an error. Errors name the file and
 * the key.
 */
public final class JsonConfig {
    private static final int MAX_LEVELS = 8;
    private static final int MAX_COUNT = 1 << 20;

    private final Path file;
    private final String path;
    private final ObjectNode node;

    private JsonConfig(Path file, String path, ObjectNode node) {
        this.file = file;
        this.path = path;
        this.node = node;
    }

    /** @throws CheckpointException if the file is missing or not one JSON object */
    public static JsonConfig read(Path file) {
        return new JsonConfig(file, "", Json.readObject(file));
    }

    /** From a JSON text; {@code origin} stands for the file in error messages. */
    public static JsonConfig parse(Path origin, String json) {
        return new JsonConfig(origin, "", Json.parseObject(origin, json.getBytes(StandardCharsets.UTF_8)));
    }

    static JsonConfig of(Path origin, ObjectNode node) {
        return new JsonConfig(origin, "", node);
    }

    public boolean has(String key) {
        return node.hasNonNull(key);
    }

    /** All keys with a value other than null. */
    public Set<String> keys() {
        Set<String> keys = new TreeSet<>();
        for (Iterator<String> it = node.fieldNames(); it.hasNext();) {
            String key = it.next();
            if (has(key)) {
                keys.add(key);
            }
        }
        return Collections.unmodifiableSet(keys);
    }

    public int getInt(String key) {
        return intValue(key, required(key));
    }

    public int getInt(String key, int missing) {
        return has(key) ? getInt(key) : missing;
    }

    /** A list of whole numbers; a single number is a list of one. */
    public int[] getInts(String key) {
        JsonNode value = required(key);
        if (!value.isArray()) {
            return new int[] {intValue(key, value)};
        }
        int[] values = new int[value.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = intValue(key + "[" + i + "]", value.get(i));
        }
        return values;
    }

    public int[] getInts(String key, int... missing) {
        return has(key) ? getInts(key) : missing.clone();
    }

    /** A number of things or a width: 1 to 2^20, far above every published model. */
    public int getCount(String key) {
        return count(key, getInt(key), 1);
    }

    /** As {@link #getCount(String)}, with what it is if the key is missing. */
    public int getCount(String key, int missing) {
        return count(key, getInt(key, missing), 1);
    }

    /** As many counts as there are levels; a single one holds for all. */
    public int[] getCounts(String key, int levels, int least, int... missing) {
        int[] values = getInts(key, missing);
        if (values.length != 1 && values.length < levels) {
            throw CheckpointException.of(file, levels + " numbers as " + path + key, values.length + " numbers");
        }
        int[] all = new int[levels];
        for (int i = 0; i < levels; i++) {
            all[i] = count(key, values[values.length == 1 ? 0 : i], least);
        }
        return all;
    }

    /** The channels of each level, of which there are 1 to 8. */
    public int[] getLevels(String key, int... missing) {
        int[] values = getInts(key, missing);
        if (values.length < 1 || values.length > MAX_LEVELS) {
            throw CheckpointException.of(file, "1 to " + MAX_LEVELS + " levels as " + path + key,
                values.length + " numbers");
        }
        return getCounts(key, values.length, 1, missing);
    }

    private int count(String key, int value, int least) {
        if (value < least || value > MAX_COUNT) {
            throw CheckpointException.of(file, "a number from " + least + " to " + MAX_COUNT + " as " + path + key,
                "" + value);
        }
        return value;
    }

    /** Whether the value is a list (and not a single value). */
    public boolean isList(String key) {
        return has(key) && node.get(key).isArray();
    }

    public double getDouble(String key) {
        JsonNode value = required(key);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(key, "a number", value);
        }
        return value.doubleValue();
    }

    public double getDouble(String key, double missing) {
        return has(key) ? getDouble(key) : missing;
    }

    public boolean getBoolean(String key) {
        JsonNode value = required(key);
        if (!value.isBoolean()) {
            throw wrong(key, "true or false", value);
        }
        return value.booleanValue();
    }

    public boolean getBoolean(String key, boolean missing) {
        return has(key) ? getBoolean(key) : missing;
    }

    public String getString(String key) {
        JsonNode value = required(key);
        if (!value.isTextual()) {
            throw wrong(key, "text", value);
        }
        return value.textValue();
    }

    public String getString(String key, String missing) {
        return has(key) ? getString(key) : missing;
    }

    /** A list of texts and nulls; a null in the list becomes an empty text. */
    public List<String> getStrings(String key) {
        JsonNode value = required(key);
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value) {
            if (!item.isTextual() && !item.isNull()) {
                throw wrong(key, "a list of texts", value);
            }
            texts.add(item.isNull() ? "" : item.textValue());
        }
        if (!value.isArray()) {
            throw wrong(key, "a list of texts", value);
        }
        return texts;
    }

    public List<String> getStrings(String key, List<String> missing) {
        return has(key) ? getStrings(key) : List.copyOf(missing);
    }

    /** The object under a key. */
    public JsonConfig sub(String key) {
        JsonNode value = required(key);
        if (!(value instanceof ObjectNode object)) {
            throw wrong(key, "an object", value);
        }
        return new JsonConfig(file, path + key + ".", object);
    }

    private JsonNode required(String key) {
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) {
            throw CheckpointException.of(file, "key " + path + key, "no such key");
        }
        return value;
    }

    private int intValue(String key, JsonNode value) {
        boolean whole = value.isIntegralNumber()
            || value.isFloatingPointNumber() && value.doubleValue() == Math.rint(value.doubleValue());
        if (!whole || !(Math.abs(value.doubleValue()) <= Integer.MAX_VALUE)) {
            throw wrong(key, "a whole number", value);
        }
        return (int) value.doubleValue();
    }

    private CheckpointException wrong(String key, String expected, JsonNode found) {
        String text = found.toString();
        return CheckpointException.of(file, expected + " as " + path + key,
            text.length() > 100 ? text.substring(0, 100) + "..." : text);
    }

    /** Where the configuration comes from. */
    public Path file() {
        return file;
    }

    /** Pretty-printed JSON with a final newline. */
    public String toJson() {
        return Json.print(node);
    }

    @Override
    public String toString() {
        return file + " " + node;
    }
}
