package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngTest {
    @TempDir
    Path folder;

    @Test
    void pixelsSurvive() throws IOException {
        Random random = new Random(3);
        for (int[] s : new int[][] {{1, 1, 1}, {3, 1, 1}, {1, 17, 5}, {3, 9, 31}, {3, 64, 64}}) {
            byte[] bytes = new byte[s[0] * s[1] * s[2]];
            for (int i = 0; i < bytes.length; i++) {
                // smooth and noisy parts, so that all filters are chosen somewhere
                bytes[i] = (byte) (i % 2000 < 1000 ? i / 7 : random.nextInt());
            }
            Image image = Images.fromBytes(bytes, s[0], s[1], s[2]);
            Image read = ImageFiles.decode(PngWriter.toBytes(image, Map.of()), "memory").color();
            assertArrayEquals(bytes, Images.toBytes(read), Arrays.toString(s));
        }
    }

    @Test
    void textSurvives() throws IOException {
        Map<String, String> text = new LinkedHashMap<>();
        text.put("parameters", "a cat,\nNegative prompt: dög\nSteps: 20");
        text.put("other", "猫 \uD83D\uDC08 \u0085 \r");
        text.put("empty", "");
        Path file = folder.resolve("a.png");
        PngWriter.write(file, Reference.colors(), text);
        assertEquals(text, PngText.read(file));
        assertEquals(List.copyOf(text.keySet()), List.copyOf(PngText.read(file).keySet()));
        String raw = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertTrue(raw.contains("tEXtparameters\0") && raw.contains("iTXtother\0\0\0\0\0"));
    }

    @Test
    void refusesWhatCannotBeStored() {
        Image image = Reference.pattern(0);
        for (String key : new String[] {"", " a", "a ", "a\0b", "é", "x".repeat(80)}) {
            assertThrows(IllegalArgumentException.class, () -> PngWriter.toBytes(image, Map.of(key, "v")), key);
        }
        assertThrows(IllegalArgumentException.class, () -> PngWriter.toBytes(image, Map.of("k", "a\0b")));
        assertThrows(IllegalArgumentException.class, () -> PngWriter.toBytes(Image.zeros(2, 3, 3), Map.of()));
    }

    @Test
    void readsWhatPillowWrote() throws IOException {
        String[] line = Reference.lines("png").get(0);
        Map<String, String> text = PngText.read(Base64.getDecoder().decode(line[1]), line[0]);
        assertEquals("a cat\nSteps: 2, Sampler: Euler, Seed: 1", text.get("parameters"));
        assertEquals("z".repeat(300), text.get("packed"));
        assertEquals("猫 é", text.get("unicode"));
        assertEquals("猫".repeat(100), text.get("packed unicode"));
        assertEquals(4, text.size());
    }

    @Test
    void writesWholeOrNotAtAll() throws IOException {
        Path file = folder.resolve("picture.png");
        PngWriter.write(file, Reference.colors(), Map.of());
        byte[] before = Files.readAllBytes(file);
        Image broken = Reference.colors();
        Image nan = Image.of(3, 9, 13, broken.planes().clone());
        nan.planes()[3] = Float.NaN;
        assertThrows(IllegalArgumentException.class, () -> PngWriter.write(file, nan, Map.of()));
        assertArrayEquals(before, Files.readAllBytes(file));
        PngWriter.write(file, Reference.pattern(0), Map.of());
        assertFalse(Arrays.equals(before, Files.readAllBytes(file)));
        assertOnly(file);
    }

    @Test
    void saysWhyItCannotWrite() throws IOException {
        Image image = Reference.pattern(0);
        Path below = folder.resolve("none").resolve("a.png");
        String message = assertThrows(IOException.class, () -> PngWriter.write(below, image, Map.of())).getMessage();
        assertTrue(message.contains("does not exist") && message.contains("none"), message);
        Path sub = Files.createDirectory(folder.resolve("sub.png"));
        message = assertThrows(IOException.class, () -> PngWriter.write(sub, image, Map.of())).getMessage();
        assertTrue(message.contains("found a folder"), message);
        Path name = folder.resolve("x".repeat(300));
        message = assertThrows(IOException.class, () -> PngWriter.write(name, image, Map.of())).getMessage();
        assertTrue(message.contains("cannot write in " + folder), message);
        assertOnly(sub);
    }

    private void assertOnly(Path file) throws IOException {
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void damagedTextIsRefused() throws IOException {
        byte[] key = {'k', 0};
        assertBad("lacks a separator", chunk("tEXt", "none".getBytes(), 0));
        assertBad("too short", chunk("zTXt", key, 0));
        assertBad("compression method", chunk("zTXt", new byte[] {'k', 0, 1, 2}, 0));
        assertBad("damaged", chunk("zTXt", new byte[] {'k', 0, 0, 1, 2, 3, 4}, 0));
        assertBad("lacks a separator", chunk("iTXt", new byte[] {'k', 0, 0, 0, 'e', 'n'}, 0));
        assertBad("checksum", chunk("tEXt", key, 1));
        byte[] huge = chunk("tEXt", key, 0);
        huge[0] = 0x7f;
        assertBad("MiB of text", huge);
        huge[0] = -1;
        assertBad("claims", huge);
        huge[0] = 1;
        assertBad("ends early", huge);
        assertBad("ends early", new byte[0]);
        assertThrows(IOException.class, () -> PngText.read("GIF89a..".getBytes(), "gif"));
    }

    @Test
    void inflationIsBounded() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[] {'k', 0, 0});
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(new byte[PngText.MAX_TEXT + 1]);
        }
        assertTrue(bytes.size() < 100_000);
        assertBad("MiB of text", chunk("zTXt", bytes.toByteArray(), 0));
    }

    private static void assertBad(String part, byte[] chunk) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new DataOutputStream(bytes).writeLong(PngEncoder.SIGNATURE);
        bytes.write(chunk);
        String message = assertThrows(IOException.class, () -> PngText.read(bytes.toByteArray(), "bad")).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static byte[] chunk(String type, byte[] data, int crcError) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        CRC32 crc = new CRC32();
        crc.update(type.getBytes());
        crc.update(data);
        out.writeInt(data.length);
        out.writeBytes(type);
        out.write(data);
        out.writeInt((int) crc.getValue() + crcError);
        return bytes.toByteArray();
    }
}
