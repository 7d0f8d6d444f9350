package org.daguerre.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads single tensors of a trusted safetensors file, so that these tests need nothing but the text package. */
final class TensorFile {
    private TensorFile() {
    }

    static int[] ints(Path file, String name) throws IOException {
        ByteBuffer bytes = bytes(file, name, "I32");
        int[] values = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(values);
        return values;
    }

    static float[] floats(Path file, String name) throws IOException {
        ByteBuffer bytes = bytes(file, name, "F32");
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    private static ByteBuffer bytes(Path file, String name, String type) throws IOException {
        ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int header = (int) data.getLong(0);
        JsonNode tensor = new ObjectMapper().readTree(data.array(), Long.BYTES, header).path(name);
        if (!tensor.path("dtype").asText().equals(type)) {
            throw new IOException(name + ": expected " + type + ", found " + tensor);
        }
        int begin = Long.BYTES + header + tensor.get("data_offsets").get(0).intValue();
        int end = Long.BYTES + header + tensor.get("data_offsets").get(1).intValue();
        return data.slice(begin, end - begin).order(ByteOrder.LITTLE_ENDIAN);
    }
}
