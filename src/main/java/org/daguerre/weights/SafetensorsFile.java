package org.daguerre.weights;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;

/**
 * A safetensors file: 8 bytes header length (little-endian), a JSON header, then the tensors. The file is
 * memory-mapped; a tensor is a slice of the mapping. Opening makes every check of the format's reference
 * implementation.
 */
public final class SafetensorsFile implements Checkpoint {
    /** The format's own limit. */
    private static final long MAX_HEADER_BYTES = 100_000_000;
    private static final int LENGTH_BYTES = 8;

    private final MappedFile file;
    private final SafetensorsHeader header;
    private final long dataStart;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header, long dataStart) {
        this.file = file;
        this.header = header;
        this.dataStart = dataStart;
    }

    /** @throws CheckpointException if the file cannot be read or breaks the format */
    public static SafetensorsFile open(Path path) {
        return open(MappedFile.open(path));
    }

    static SafetensorsFile open(MappedFile file) {
        try {
            if (file.size() < LENGTH_BYTES) {
                throw CheckpointException.of(file.path(), "a safetensors file of at least 8 bytes",
                    file.size() + " bytes");
            }
            long length = file.slice(0, LENGTH_BYTES).getLong();
            if (length < 2 || length > MAX_HEADER_BYTES || length > file.size() - LENGTH_BYTES) {
                throw CheckpointException.of(file.path(), "a header of 2 to "
                    + Math.min(MAX_HEADER_BYTES, file.size() - LENGTH_BYTES) + " bytes",
                    Long.toUnsignedString(length) + " bytes");
            }
            byte[] text = new byte[(int) length];
            ByteBuffer bytes = file.slice(LENGTH_BYTES, length);
            bytes.get(text);
            if (text[0] != '{') {
                throw CheckpointException.of(file.path(), "a header that starts with '{'", "byte " + (text[0] & 0xff));
            }
            long dataStart = LENGTH_BYTES + length;
            return new SafetensorsFile(file, SafetensorsHeader.parse(file.path(), text, file.size() - dataStart),
                dataStart);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    @Override
    public Shape shape(String name) {
        return entry(name).shape();
    }

    @Override
    public DType dtype(String name) {
        return entry(name).dtype();
    }

    @Override
    public HostTensor tensor(String name) {
        SafetensorsHeader.Entry e = entry(name);
        return new HostTensor(name, e.dtype(), e.shape(), file.slice(dataStart + e.begin(), e.end() - e.begin()), true);
    }

    private SafetensorsHeader.Entry entry(String name) {
        SafetensorsHeader.Entry entry = header.tensors().get(name);
        if (entry == null) {
            throw CheckpointException.of(file.path(), "tensor " + name, "no such tensor");
        }
        return entry;
    }

    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    @Override
    public Path source() {
        return file.path();
    }

    @Override
    public void close() {
        file.close();
    }
}
