package org.daguerre.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.daguerre.weights.torch.TorchFile;

/** Opens a file of weights, whatever its format. The content decides, not the file's name. */
public final class Checkpoints {
    private static final int SNIFFED_BYTES = 64;

    private Checkpoints() {
    }

    /**
     * Opens a safetensors file, a torch file (zip or legacy pickle), or the index of a sharded set.
     *
     * @throws CheckpointException if the file cannot be read, is of none of these formats, or breaks its format
     */
    public static Checkpoint open(Path path) {
        byte[] start = start(path);
        if (isJson(start)) {
            return ShardedCheckpoint.open(path);
        }
        return openFile(path, start);
    }

    /** As {@link #open} without sharded sets: an index cannot name another index. */
    static Checkpoint openFile(Path path) {
        return openFile(path, start(path));
    }

    private static Checkpoint openFile(Path path, byte[] start) {
        if (isSafetensors(start)) {
            return SafetensorsFile.open(path);
        }
        if (TorchFile.matches(start)) {
            return TorchFile.open(path);
        }
        throw CheckpointException.of(path,
            "a safetensors file, a torch file (.ckpt, .pt, .pth, .bin) or a sharded index",
            describe(start));
    }

    private static byte[] start(Path path) {
        if (Files.isDirectory(path)) {
            throw CheckpointException.of(path, "a file", "a folder");
        }
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(SNIFFED_BYTES);
        } catch (IOException e) {
            throw CheckpointException.unreadable(path, e);
        }
    }

    /** An 8-byte length that a header can have, then the header's brace. */
    private static boolean isSafetensors(byte[] start) {
        return start.length > 8 && start[8] == '{'
            && ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong() >>> 40 == 0;
    }

    private static boolean isJson(byte[] start) {
        return !isSafetensors(start) && new String(start, StandardCharsets.ISO_8859_1).stripLeading().startsWith("{");
    }

    private static String describe(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (start.length == 0) {
            return "an empty file";
        }
        if (text.startsWith("version https://git-lfs")) {
            return "a Git LFS pointer: the file itself was not downloaded";
        }
        if (text.stripLeading().startsWith("<")) {
            return "a web page";
        }
        StringBuilder hex = new StringBuilder("a file that begins with bytes");
        for (int i = 0; i < Math.min(start.length, 8); i++) {
            hex.append(String.format(" %02x", start[i] & 0xff));
        }
        return hex.toString();
    }
}
