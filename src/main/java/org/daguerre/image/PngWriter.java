package org.daguerre.image;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;

/**
 * Writes PNG files whole or not at all: the bytes go to a hidden file in the same folder, which then takes the name in
 * one step. Whoever watches the folder sees the old file or the new one, never a part.
 */
public final class PngWriter {
    /** The key under which image generators store how a picture was made. */
    public static final String PARAMETERS = "parameters";

    private PngWriter() {
    }

    /** 8 bits a channel, grey or RGB. */
    public static void write(Path file, Image image, Map<String, String> text) throws IOException {
        replace(file, toBytes(image, text));
    }

    /** 16 bits a channel: depth maps. */
    public static void write16(Path file, Image image, Map<String, String> text) throws IOException {
        replace(file, new PngEncoder(image, 16).encode(text));
    }

    /**
     * A PNG in memory, 8 bits a channel.
     *
     * @throws IllegalArgumentException if a value is not a number, or a key or text cannot be stored
     */
    public static byte[] toBytes(Image image, Map<String, String> text) {
        return new PngEncoder(image, 8).encode(text);
    }

    /** Puts {@code bytes} at {@code file}, replacing a file that is there, in one step. */
    static void replace(Path file, byte[] bytes) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null || Files.isDirectory(target)) {
            throw new IOException("write " + file + ": expected the name of a file, found a folder");
        }
        if (!Files.isDirectory(folder)) {
            throw new IOException("write " + file + ": the folder " + folder + " does not exist");
        }
        Path part = folder.resolve(".daguerre-" + UUID.randomUUID() + ".part");
        try {
            Files.write(part, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            move(part, target);
        } catch (IOException e) {
            throw new IOException("write " + file + ": cannot write in " + folder + " (" + reason(e) + ")", e);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void move(Path part, Path target) throws IOException {
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            // some network file systems: the complete file is still moved, only not in one step
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String reason(IOException e) {
        String kind = e.getClass().getSimpleName().replace("Exception", "");
        return e.getMessage() == null ? kind : kind + ": " + e.getMessage();
    }
}
