package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
    @TempDir
    Path folder;

    private Path file(String header, int dataBytes) {
        return file(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    private Path file(byte[] header, int dataBytes) {
        ByteBuffer b = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        return raw(b.putLong(header.length).put(header).array());
    }

    private Path raw(byte[] bytes) {
        try {
            return Files.write(Files.createTempFile(folder, "t", ".safetensors"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets
            + "}";
    }

    @Test
    void readsWhatTheFormatAllows() {
        String header = "{\"__metadata__\":{\"format\":\"pt\"}," + tensor("a", "F32", "[2,1]", "[0,8]") + ","
            + tensor("empty", "F16", "[0,5]", "[8,8]") + "," + tensor("scalar", "I64", "[]", "[8,16]") + "}   ";
        try (Checkpoint c = Checkpoints.open(file(header, 16))) {
            assertEquals(List.of("a", "empty", "scalar"), List.copyOf(c.names()));
            assertEquals(Map.of("format", "pt"), c.metadata());
            assertEquals(Shape.of(2, 1), c.shape("a"));
            assertEquals(DType.I64, c.tensor("scalar").dtype());
            assertEquals(0, c.tensor("empty").bytes());
            assertTrue(c.tensor("a").data().isReadOnly() && c.tensor("a").data().isDirect());
            assertThrows(CheckpointException.class, () -> c.tensor("b"));
        }
    }

    @Test
    void readsEveryTypeAndWritesItAgain() {
        List<HostTensor> tensors = new ArrayList<>();
        for (DType t : DType.values()) {
            ByteBuffer data = HostTensor.allocate(3 * t.bytes());
            for (int i = 0; i < data.capacity(); i++) {
                data.put(i, (byte) (i + t.ordinal()));
            }
            tensors.add(new HostTensor("t." + t, t, Shape.of(3), data));
        }
        Path path = folder.resolve("all.safetensors");
        SafetensorsWriter.write(path, tensors, Map.of("key", "wert \u00fc\""));
        try (Checkpoint c = SafetensorsFile.open(path)) {
            assertEquals(tensors.size(), c.names().size());
            assertEquals("wert \u00fc\"", c.metadata().get("key"));
            for (HostTensor t : tensors) {
                assertEquals(t.dtype(), c.dtype(t.name()));
                assertEquals(t.data(), c.tensor(t.name()).data());
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> brokenHeaders() {
        String ok = tensor("a", "F32", "[2]", "[0,8]");
        Map<String, String> cases = new LinkedHashMap<>();
        cases.put("empty object with data behind", "{}");
        cases.put("list", "[" + ok + "]");
        cases.put("leading space", " {" + ok + "}");
        cases.put("not closed", "{" + ok);
        cases.put("text behind", "{" + ok + "} x");
        cases.put("two objects", "{" + ok + "}{}");
        cases.put("duplicate tensor", "{" + ok + "," + ok + "}");
        cases.put("duplicate key",
            "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}");
        cases.put("duplicate metadata", "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}," + ok + "}");
        cases.put("unknown dtype", "{" + tensor("a", "F33", "[2]", "[0,8]") + "}");
        cases.put("lower-case dtype", "{" + tensor("a", "f32", "[2]", "[0,8]") + "}");
        cases.put("dtype number", "{\"a\":{\"dtype\":1,\"shape\":[2],\"data_offsets\":[0,8]}}");
        cases.put("no dtype", "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}");
        cases.put("no shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}");
        cases.put("no offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}");
        cases.put("negative dimension", "{" + tensor("a", "F32", "[-2]", "[0,8]") + "}");
        cases.put("fraction", "{" + tensor("a", "F32", "[2.0]", "[0,8]") + "}");
        cases.put("dimension as text", "{" + tensor("a", "F32", "[\"2\"]", "[0,8]") + "}");
        cases.put("shape is a number", "{" + tensor("a", "F32", "2", "[0,8]") + "}");
        cases.put("negative offset", "{" + tensor("a", "F32", "[2]", "[-8,0]") + "}");
        cases.put("one offset", "{" + tensor("a", "F32", "[2]", "[8]") + "}");
        cases.put("three offsets", "{" + tensor("a", "F32", "[2]", "[0,8,8]") + "}");
        cases.put("descending offsets", "{" + tensor("a", "F32", "[2]", "[8,0]") + "}");
        cases.put("shape too large for the offsets", "{" + tensor("a", "F32", "[3]", "[0,8]") + "}");
        cases.put("shape too small for the offsets", "{" + tensor("a", "F32", "[1]", "[0,8]") + "}");
        cases.put("beyond the end", "{" + tensor("a", "F32", "[3]", "[0,12]") + "}");
        cases.put("not to the end", "{" + tensor("a", "F32", "[1]", "[0,4]") + "}");
        cases.put("gap at the start", "{" + tensor("a", "F32", "[1]", "[4,8]") + "}");
        cases.put("gap", "{" + tensor("a", "U8", "[2]", "[0,2]") + "," + tensor("b", "U8", "[4]", "[4,8]") + "}");
        cases.put("overlap", "{" + ok + "," + tensor("b", "F32", "[1]", "[4,8]") + "}");
        cases.put("shared", "{" + ok + "," + tensor("b", "F32", "[2]", "[0,8]") + "}");
        cases.put("product overflows", "{" + tensor("a", "F32", "[4294967296,4294967296]", "[0,8]") + "}");
        cases.put("product wraps to the size",
            "{" + tensor("a", "F32", "[2147483648,2147483648,2147483648,2147483648,2]", "[0,8]") + "}");
        cases.put("number beyond 64 bits", "{" + tensor("a", "F32", "[18446744073709551618]", "[0,8]") + "}");
        cases.put("number of 100 digits", "{" + tensor("a", "F32", "[" + "1".repeat(100) + "]", "[0,8]") + "}");
        cases.put("metadata is a list", "{\"__metadata__\":[]," + ok + "}");
        cases.put("metadata number", "{\"__metadata__\":{\"a\":1}," + ok + "}");
        cases.put("metadata object", "{\"__metadata__\":{\"a\":{}}," + ok + "}");
        cases.put("tensor is a number", "{\"a\":1}");
        cases.put("deep nesting", "{\"a\":" + "[".repeat(100_000) + "}");
        cases.put("deep unknown field", "{\"a\":{\"x\":" + "[".repeat(1000) + "]".repeat(1000) + "}}");
        cases.put("comment", "{/* */" + ok + "}");
        cases.put("unquoted", "{a:1}");
        cases.put("control character", "{\"a\nb\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}");
        return cases.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
            Path path = file(e.getValue(), 8);
            CheckpointException x = assertThrows(CheckpointException.class, () -> SafetensorsFile.open(path));
            assertTrue(x.getMessage().startsWith(path + ": expected "), x.getMessage());
        }));
    }

    @Test
    void headerMustBeUtf8() {
        byte[] text = ("{" + tensor("?", "F32", "[2]", "[0,8]") + "}").getBytes(StandardCharsets.ISO_8859_1);
        text[2] = (byte) 0xfc;
        assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file(text, 8)));
        byte[] utf16 = ("{" + tensor("a", "F32", "[2]", "[0,8]") + "}").getBytes(StandardCharsets.UTF_16LE);
        assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file(utf16, 8)));
    }

    @Test
    void theMessageNamesTheType() {
        Path path = file("{" + tensor("a", "F8_E4M3", "[8]", "[0,8]") + "}", 8);
        String message = assertThrows(CheckpointException.class, () -> SafetensorsFile.open(path)).getMessage();
        assertTrue(message.contains("F8_E4M3") && message.contains("tensor a"), message);
    }

    @Test
    void headerLengths() {
        for (long length : new long[] {0, 1, 9, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            byte[] bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
            Arrays.fill(bytes, 8, 16, (byte) '{');
            assertThrows(CheckpointException.class, () -> SafetensorsFile.open(raw(bytes)), "length " + length);
        }
        for (int size = 0; size < 8; size++) {
            byte[] bytes = new byte[size];
            assertThrows(CheckpointException.class, () -> SafetensorsFile.open(raw(bytes)), "size " + size);
        }
    }

    /** Cut anywhere, the file is refused: the header covers exactly the file. */
    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of("tests/fixtures/adapters/ti_sdxl.safetensors"));
        SafetensorsFile.open(raw(whole)).close();
        for (int size = 0; size < whole.length; size++) {
            byte[] cut = Arrays.copyOf(whole, size);
            assertThrows(CheckpointException.class, () -> Checkpoints.open(raw(cut)), "size " + size);
        }
        assertThrows(CheckpointException.class, () -> Checkpoints.open(raw(Arrays.copyOf(whole, whole.length + 1))));
    }

    /** Windows smaller than the file, as for files of more than 1 GiB: each tensor is still in one piece. */
    @Test
    void tensorsAcrossWindows() throws IOException {
        Path path = Path.of("tests/fixtures/models/tiny-taesd/diffusion_pytorch_model.safetensors");
        byte[] whole = Files.readAllBytes(path);
        for (long window : new long[] {1, 1000, 50_000}) {
            try (MappedFile mapped = MappedFile.open(path, window);
                SafetensorsFile plain = SafetensorsFile.open(path)) {
                SafetensorsFile c = SafetensorsFile.open(mapped);
                for (String name : c.names()) {
                    assertEquals(plain.tensor(name).data(), c.tensor(name).data());
                }
                assertEquals(ByteBuffer.wrap(whole, 10, 70_000), mapped.slice(10, 70_000));
                assertThrows(CheckpointException.class, () -> mapped.slice(whole.length - 1, 2));
                assertThrows(CheckpointException.class, () -> mapped.slice(-1, 2));
                assertThrows(CheckpointException.class, () -> mapped.slice(Long.MAX_VALUE, 2));
                assertThrows(CheckpointException.class, () -> mapped.slice(0, Long.MAX_VALUE));
            }
        }
    }

    /** A file of more than 4 GiB, all hole: sizes beyond 32 bits, and tensors on both sides of 2 and 4 GiB. */
    @Test
    void largeFiles() throws IOException {
        long gib = 1L << 30;
        String header = "{" + tensor("a", "F16", "[1073741824]", "[0," + 2 * gib + "]") + ","
            + tensor("b", "F16", "[536870912]", "[" + 2 * gib + "," + 3 * gib + "]") + ","
            + tensor("c", "F16", "[1073741823]", "[" + 3 * gib + "," + (5 * gib - 2) + "]") + "}";
        Path path = file(header, 0);
        try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {0x12, 0x34}), 8 + header.length() + 5 * gib - 4);
        }
        try (Checkpoint c = Checkpoints.open(path)) {
            assertEquals(1 << 30, c.tensor("b").bytes());
            HostTensor last = c.tensor("c");
            assertEquals(0x3412, last.data().getShort(last.bytes() - 2));
            String message = assertThrows(CheckpointException.class, () -> c.tensor("a")).getMessage();
            assertTrue(message.contains("2 GiB"), message);
        } finally {
            Files.delete(path);
        }
    }
}
