package org.daguerre.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of any size, memory-mapped read-only in windows on demand. A slice always lies within one window, so it may
 * not be larger than 2 GiB - 1. Slices stay valid after {@link #close}; the system unmaps them when they are collected.
 */
public final class MappedFile implements AutoCloseable {
    private static final long WINDOW = 1L << 30;

    private record Window(long start, MappedByteBuffer bytes) {
        boolean covers(long offset, long length) {
            return offset >= start && offset + length <= start + bytes.capacity();
        }
    }

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final long windowBytes;
    private final List<Window> windows = new ArrayList<>();

    private MappedFile(Path path, FileChannel channel, long size, long windowBytes) {
        this.path = path;
        this.channel = channel;
        this.size = size;
        this.windowBytes = windowBytes;
    }

    /** @throws CheckpointException if the file cannot be read */
    public static MappedFile open(Path path) {
        return open(path, WINDOW);
    }

    /** With another window size, so that tests can cross window borders with small files. */
    static MappedFile open(Path path, long windowBytes) {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new MappedFile(path, channel, channel.size(), windowBytes);
        } catch (IOException e) {
            throw CheckpointException.unreadable(path, e);
        }
    }

    public Path path() {
        return path;
    }

    public long size() {
        return size;
    }

    /** Read-only little-endian view of {@code length} bytes at {@code offset}. */
    public synchronized ByteBuffer slice(long offset, long length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw CheckpointException.of(path, "data at bytes " + offset + " to " + (offset + length),
                "a file of " + size + " bytes");
        }
        if (length > Integer.MAX_VALUE) {
            throw CheckpointException.of(path, "tensors of at most 2 GiB", "one of " + length + " bytes");
        }
        Window window = windowOf(offset, length);
        return window.bytes().slice((int) (offset - window.start()), (int) length).asReadOnlyBuffer()
            .order(ByteOrder.LITTLE_ENDIAN);
    }

    private Window windowOf(long offset, long length) {
        for (Window w : windows) {
            if (w.covers(offset, length)) {
                return w;
            }
        }
        // Windows start on a grid, so that reading in any order maps few of them; a slice too large starts its own.
        long grid = offset / windowBytes * windowBytes;
        long start = offset + length - grid <= Integer.MAX_VALUE ? grid : offset;
        long bytes = Math.min(size - start, Math.max(offset + length - start, windowBytes));
        try {
            Window window = new Window(start, channel.map(FileChannel.MapMode.READ_ONLY, start, bytes));
            windows.add(window);
            return window;
        } catch (IOException e) {
            throw CheckpointException.of(path, "a file that can be mapped", e.toString(), e);
        }
    }

    @Override
    public synchronized void close() {
        windows.clear();
        try {
            channel.close();
        } catch (IOException e) {
            throw CheckpointException.of(path, "a file that can be closed", e.toString(), e);
        }
    }
}
