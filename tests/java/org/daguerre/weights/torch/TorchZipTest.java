package org.daguerre.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.daguerre.weights.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchZipTest {
    private static final float[] VALUES = {1, 2, 3, 4};

    @TempDir
    Path folder;

    private static Map<String, byte[]> members() {
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put("x/data.pkl", PickleBytes.start().op('}').text("t")
            .tensor("FloatStorage", "0", 4, 0, new long[] {4},
            new long[] {1}).op('s').end());
        members.put("x/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        members.put("x/data/0", PickleBytes.floats(VALUES));
        return members;
    }

    private static byte[] zip(Map<String, byte[]> members, boolean deflate) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> m : members.entrySet()) {
                ZipEntry e = new ZipEntry(m.getKey());
                if (!deflate) {
                    CRC32 crc = new CRC32();
                    crc.update(m.getValue());
                    e.setMethod(ZipEntry.STORED);
                    e.setSize(m.getValue().length);
                    e.setCrc(crc.getValue());
                }
                out.putNextEntry(e);
                out.write(m.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private TorchFile open(byte[] bytes) throws IOException {
        return TorchFile.open(Files.write(Files.createTempFile(folder, "t", ".pt"), bytes));
    }

    private void assertValues(byte[] bytes) throws IOException {
        try (TorchFile file = open(bytes)) {
            assertArrayEquals(VALUES, file.tensor("t").toFloats());
        }
    }

    @Test
    void storedAndDeflated() throws IOException {
        assertValues(zip(members(), false));
        assertValues(zip(members(), true));
    }

    /** Numbers that lie in the file as they are count as mapped, so that engines can let go of them; unpacked ones do not. */
    @Test
    void onlyStoredNumbersAreMapped() throws IOException {
        try (TorchFile stored = open(zip(members(), false)); TorchFile deflated = open(zip(members(), true))) {
            assertTrue(stored.tensor("t").mapped());
            assertFalse(deflated.tensor("t").mapped());
        }
    }

    /** As Python writes it for large files: sizes and offsets in the 64-bit extra field and a zip64 end record. */
    @Test
    void zip64() throws IOException {
        ByteBuffer out = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer directory = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        for (Map.Entry<String, byte[]> m : members().entrySet()) {
            byte[] name = m.getKey().getBytes(StandardCharsets.UTF_8);
            long header = out.position();
            out.putInt(0x04034b50).put(new byte[14]).putInt(-1).putInt(-1).putShort((short) name.length)
                .putShort((short) 20).put(name).putShort((short) 1).putShort((short) 16).putLong(m.getValue().length)
                .putLong(m.getValue().length).put(m.getValue());
            directory.putInt(0x02014b50).put(new byte[16]).putInt(-1).putInt(-1).putShort((short) name.length)
                .putShort((short) 32).put(new byte[10]).putInt(-1).put(name).putShort((short) 0x9999)
                .putShort((short) 0)
                .putShort((short) 1).putShort((short) 24).putLong(m.getValue().length).putLong(m.getValue().length)
                .putLong(header);
        }
        long start = out.position();
        out.put(directory.flip());
        long end64 = out.position();
        out.putInt(0x06064b50).putLong(44).put(new byte[12]).putLong(3).putLong(3).putLong(end64 - start)
            .putLong(start);
        out.putInt(0x07064b50).putInt(0).putLong(end64).putInt(1);
        out.putInt(0x06054b50).put(new byte[4]).putShort((short) 3).putShort((short) 3).putInt(-1).putInt(-1)
            .putShort((short) 0);
        byte[] whole = Arrays.copyOf(out.array(), out.position());
        assertValues(whole);
        for (int size = 0; size < whole.length; size++) {
            byte[] cut = Arrays.copyOf(whole, size);
            assertThrows(CheckpointException.class, () -> open(cut), "size " + size);
        }
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = zip(members(), false);
        for (int size = 0; size < whole.length; size++) {
            byte[] cut = Arrays.copyOf(whole, size);
            assertThrows(CheckpointException.class, () -> open(cut), "size " + size);
        }
    }

    private void assertRefused(String reason, Map<String, byte[]> members) throws IOException {
        byte[] bytes = zip(members, false);
        String message = assertThrows(CheckpointException.class, () -> open(bytes)).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void otherZipFiles() throws IOException {
        assertRefused("data.pkl", Map.of("a.txt", new byte[3]));
        Map<String, byte[]> two = members();
        two.put("y/data.pkl", two.get("x/data.pkl"));
        assertRefused("several", two);
        Map<String, byte[]> script = members();
        script.put("x/constants.pkl", new byte[] {'N', '.'});
        assertRefused("TorchScript", script);
        Map<String, byte[]> big = members();
        big.put("x/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
        assertRefused("little-endian", big);
        Map<String, byte[]> missing = members();
        missing.remove("x/data/0");
        assertRefused("storage 0", missing);
        Map<String, byte[]> small = members();
        small.put("x/data/0", new byte[12]);
        assertRefused("16 bytes in storage 0", small);
    }

    /** Sizes and offsets of the directory set to extremes, one at a time: refused, or without effect. */
    @Test
    void directoriesThatLie() throws IOException {
        byte[] whole = zip(members(), false);
        int directory = find(whole, 0x02014b50);
        int end = find(whole, 0x06054b50);
        int[] fields = {directory + 20, directory + 24, directory + 42, end + 12, end + 16};
        for (int field : fields) {
            for (int value : new int[] {-1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, whole.length,
                whole.length - 1}) {
                byte[] bad = whole.clone();
                ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(field, value);
                if (!Arrays.equals(bad, whole)) {
                    assertThrows(CheckpointException.class, () -> open(bad), "field " + field + " = " + value);
                }
            }
        }
        for (int method : new int[] {1, 8, 12, 99}) {
            byte[] bad = whole.clone();
            bad[directory + 10] = (byte) method;
            assertThrows(CheckpointException.class, () -> open(bad), "method " + method);
        }
        byte[] encrypted = whole.clone();
        encrypted[directory + 8] |= 1;
        assertThrows(CheckpointException.class, () -> open(encrypted));
        Map<String, byte[]> pair = members();
        pair.put("x/data/1", new byte[4]);
        byte[] same = zip(pair, false);
        replace(same, "x/data/1", "x/data/0");
        assertThrows(CheckpointException.class, () -> open(same));
    }

    private static int find(byte[] bytes, int signature) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i + 4 <= bytes.length; i++) {
            if (b.getInt(i) == signature) {
                return i;
            }
        }
        throw new AssertionError("no " + signature);
    }

    private static void replace(byte[] bytes, String from, String to) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1).replace(from, to);
        System.arraycopy(text.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, 0, bytes.length);
    }

    /** A member that claims to be a million times larger than its deflated bytes allow. */
    @Test
    void bombs() throws IOException {
        Map<String, byte[]> members = members();
        members.put("x/data/0", new byte[16]);
        byte[] whole = zip(members, true);
        int at = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf("x/data/0") - 46;
        byte[] bad = whole.clone();
        ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(at + 24, 1 << 30);
        try (TorchFile file = open(bad)) {
            assertThrows(CheckpointException.class, () -> file.tensor("t"));
        }
    }
}
