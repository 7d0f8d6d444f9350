package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;

/**
 * Writes a safetensors file one tensor at a time, so that only one has to be in memory. Names, types and shapes are
 * given first; the tensors follow in any order. The file appears under its name whole, at {@link #finish}, or not at
 * all: closing an unfinished writer deletes what was written.
 */
public final class SafetensorsWriter implements AutoCloseable {
    /** What will be written. */
    public record Entry(String name, DType dtype, Shape shape) {
        long bytes() {
            return Math.multiplyExact(shape.count(), (long) dtype.bytes());
        }
    }

    private record Place(Entry entry, long offset) {
    }

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final Map<String, Place> pending = new HashMap<>();
    private final long size;

    private SafetensorsWriter(Path target, List<Entry> entries, Map<String, String> metadata) throws IOException {
        List<Entry> sorted = new ArrayList<>(entries);
        // Wide types first keeps every tensor aligned to its element size.
        sorted.sort((a, b) -> b.dtype().bytes() - a.dtype().bytes());
        byte[] header = header(sorted, metadata);
        long offset = 8L + header.length;
        for (Entry e : sorted) {
            if (pending.put(e.name(), new Place(e, offset)) != null) {
                throw new IllegalArgumentException("write " + target + ": tensor " + e.name() + " is listed twice");
            }
            offset += e.bytes();
        }
        this.size = offset;
        this.target = target;
        this.temporary = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".part");
        this.channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        try {
            writeFully(start.putLong(header.length).put(header).flip(), 0);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Starts a file with these tensors. */
    public static SafetensorsWriter create(Path target, List<Entry> entries, Map<String, String> metadata) {
        try {
            return new SafetensorsWriter(target, entries, metadata);
        } catch (IOException e) {
            throw new CheckpointException("write " + target + ": " + e, e);
        }
    }

    /** Writes a whole file from tensors that are in memory (or mapped) already. */
    public static void write(Path target, Collection<HostTensor> tensors, Map<String, String> metadata) {
        List<Entry> entries = tensors.stream().map(t -> new Entry(t.name(), t.dtype(), t.shape())).toList();
        try (SafetensorsWriter writer = create(target, entries, metadata)) {
            tensors.forEach(writer::put);
            writer.finish();
        }
    }

    private static byte[] header(List<Entry> entries, Map<String, String> metadata) {
        ObjectNode root = Json.newObject();
        if (!metadata.isEmpty()) {
            ObjectNode node = root.putObject("__metadata__");
            metadata.forEach(node::put);
        }
        long at = 0;
        for (Entry e : entries) {
            ObjectNode node = root.putObject(e.name());
            node.put("dtype", e.dtype().name());
            ArrayNode shape = node.putArray("shape");
            for (int d : e.shape().toArray()) {
                shape.add(d);
            }
            node.putArray("data_offsets").add(at).add(at + e.bytes());
            at += e.bytes();
        }
        byte[] text = root.toString().getBytes(StandardCharsets.UTF_8);
        byte[] padded = new byte[(text.length + 7) / 8 * 8];
        System.arraycopy(text, 0, padded, 0, text.length);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        return padded;
    }

    /** @throws IllegalArgumentException if the tensor was not announced so, or was written before */
    public void put(HostTensor tensor) {
        Place place = pending.get(tensor.name());
        if (place == null) {
            throw new IllegalArgumentException("write " + target + ": tensor " + tensor.name()
                + " was not announced or is already written");
        }
        Entry e = place.entry();
        if (e.dtype() != tensor.dtype() || !e.shape().equals(tensor.shape())) {
            throw new IllegalArgumentException("write " + target + ": expected " + e + ", found " + tensor);
        }
        try {
            writeFully(tensor.data(), place.offset());
        } catch (IOException x) {
            throw new CheckpointException("write " + target + ": " + x, x);
        }
        pending.remove(tensor.name());
    }

    private void writeFully(ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Puts the file in its place. */
    public void finish() {
        if (!pending.isEmpty()) {
            throw new IllegalArgumentException("write " + target + ": tensors not written: " + pending.keySet());
        }
        try {
            if (channel.size() != size) {
                throw new CheckpointException("write " + target + ": expected " + size + " bytes, found "
                    + channel.size());
            }
            channel.force(true);
            channel.close();
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new CheckpointException("write " + target + ": " + e, e);
        }
    }

    /** Deletes the file if it is unfinished. */
    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw new CheckpointException("write " + target + ": " + e, e);
        }
    }
}
