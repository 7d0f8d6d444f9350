package org.daguerre.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.daguerre.tensor.HostTensor;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.SafetensorsFile;

/** Every file is read to the end or refused with a {@link CheckpointException}. */
public final class SafetensorsTarget {
    private static final FuzzFile FILES = new FuzzFile();

    private SafetensorsTarget() {
    }

    static Stream<byte[]> seeds() {
        return Corpus.of("safetensors").fixtures("adapters/ti_sdxl.safetensors", "adapters/ti_sd1_emb_params.safetensors")
            .with("1{\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.UTF_8)).stream();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        Path file = FILES.write("model.safetensors", data.length > 0 && data[0] == '1' ? wrapped(data) : data);
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            model.metadata();
            for (String name : model.names()) {
                HostTensor t = model.tensor(name);
                assertEquals(t.shape().count() * t.dtype().bytes(), t.data().remaining());
            }
        } catch (CheckpointException e) {
            // refused: the other good end
        }
    }

    /** A first byte of 1 stands for a header of the right length, up to a byte 0, and then the data. */
    private static byte[] wrapped(byte[] data) {
        Choices choices = new Choices(data);
        choices.next();
        byte[] header = choices.part();
        byte[] rest = choices.rest();
        return ByteBuffer.allocate(8 + header.length + rest.length).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).put(rest)
            .array();
    }
}
