package org.daguerre.image;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Reads the text chunks of a PNG ({@code tEXt}, {@code zTXt}, {@code iTXt}) without decoding the picture. Lengths are
 * checked, checksums compared, and compressed text is inflated up to a limit only. Where a key comes twice the last
 * wins.
 */
public final class PngText {
    /** Most bytes of all texts of one file together, after inflation. */
    public static final int MAX_TEXT = 32 << 20;

    private final String name;
    private final DataInputStream in;
    private final Map<String, String> texts = new LinkedHashMap<>();
    private int left = MAX_TEXT;

    private PngText(String name, InputStream in) {
        this.name = name;
        this.in = new DataInputStream(in);
    }

    /** Key to text, in file order. */
    public static Map<String, String> read(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return new PngText(file.toString(), in).readAll();
        }
    }

    /** The same for a file held in memory; {@code name} is used in messages. */
    public static Map<String, String> read(byte[] bytes, String name) throws IOException {
        return new PngText(name, new ByteArrayInputStream(bytes)).readAll();
    }

    private Map<String, String> readAll() throws IOException {
        try {
            if (in.readLong() != PngEncoder.SIGNATURE) {
                throw bad("expected a PNG signature, found another kind of file");
            }
            while (readChunk()) {
                // readChunk stores what it finds
            }
            return texts;
        } catch (EOFException e) {
            throw bad("the file ends early");
        }
    }

    private boolean readChunk() throws IOException {
        int length = in.readInt();
        byte[] type = new byte[4];
        in.readFully(type);
        if (length < 0) {
            throw bad("a chunk claims " + Integer.toUnsignedString(length) + " bytes");
        }
        String kind = new String(type, StandardCharsets.ISO_8859_1);
        switch (kind) {
            case "IEND" -> {
                return false;
            }
            case "tEXt", "zTXt", "iTXt" -> parse(kind, body(type, length));
            default -> in.skipNBytes(length + 4L);
        }
        return true;
    }

    private byte[] body(byte[] type, int length) throws IOException {
        if (length > left) {
            throw bad("more than " + (MAX_TEXT >> 20) + " MiB of text");
        }
        byte[] data = in.readNBytes(length);
        if (data.length < length) {
            throw new EOFException();
        }
        CRC32 crc = new CRC32();
        crc.update(type);
        crc.update(data);
        if ((int) crc.getValue() != in.readInt()) {
            throw bad("wrong checksum of a text chunk");
        }
        return data;
    }

    private void parse(String kind, byte[] data) throws IOException {
        int end = zero(data, 0);
        String key = new String(data, 0, end, StandardCharsets.ISO_8859_1);
        int at = end + 1;
        boolean packed = kind.equals("zTXt");
        Charset charset = StandardCharsets.ISO_8859_1;
        if (packed) {
            checkMethod(byteAt(data, at++));
        } else if (kind.equals("iTXt")) {
            packed = byteAt(data, at) != 0;
            checkMethod(packed ? byteAt(data, at + 1) : 0);
            at = zero(data, zero(data, at + 2) + 1) + 1; // language tag, translated keyword
            charset = StandardCharsets.UTF_8;
        }
        byte[] text = packed ? inflate(data, at) : Arrays.copyOfRange(data, at, data.length);
        left -= text.length;
        texts.put(key, new String(text, charset));
    }

    private byte[] inflate(byte[] data, int at) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try (InputStream inflated = new InflaterInputStream(new ByteArrayInputStream(data, at, data.length - at))) {
            for (int n = inflated.read(buffer); n >= 0; n = inflated.read(buffer)) {
                if (out.size() + n > left) {
                    throw bad("more than " + (MAX_TEXT >> 20) + " MiB of text");
                }
                out.write(buffer, 0, n);
            }
        } catch (ZipException | EOFException e) {
            throw bad("compressed text is damaged");
        }
        return out.toByteArray();
    }

    private int zero(byte[] data, int from) throws IOException {
        for (int i = from; i < data.length; i++) {
            if (data[i] == 0) {
                return i;
            }
        }
        throw bad("a text chunk lacks a separator");
    }

    private int byteAt(byte[] data, int at) throws IOException {
        if (at >= data.length) {
            throw bad("a text chunk is too short");
        }
        return data[at];
    }

    private void checkMethod(int method) throws IOException {
        if (method != 0) {
            throw bad("expected compression method 0, found " + (method & 0xff));
        }
    }

    private IOException bad(String what) {
        return new IOException("read PNG text of " + name + ": " + what);
    }
}
