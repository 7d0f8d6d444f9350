package org.daguerre.generate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.daguerre.weights.CheckpointException;

/** Things read from files, kept while the file on disk stays the same (path, size and time of change); the least recently used go first. */
final class FileCache<T> implements AutoCloseable {
    private final int capacity;
    private final Map<Stamp, T> entries = new LinkedHashMap<>(8, 0.75f, true);

    /** Identity of a file's content. */
    record Stamp(Path path, long size, long modified) {
        /** @throws CheckpointException if the file cannot be read */
        static Stamp of(Path path) {
            try {
                Path real = path.toRealPath();
                return new Stamp(real, Files.size(real), Files.getLastModifiedTime(real).toMillis());
            } catch (IOException e) {
                throw CheckpointException.of(path, "a file or folder that can be read", "none", e);
            }
        }
    }

    FileCache(int capacity) {
        this.capacity = capacity;
    }

    T get(Path path, Function<Path, T> reader) {
        Stamp stamp = Stamp.of(path);
        T known = entries.get(stamp);
        if (known == null) {
            known = reader.apply(path);
            entries.put(stamp, known);
        }
        return known;
    }

    /** Drops what is over capacity; called when nothing of it is in use. */
    void trim() {
        var oldest = entries.values().iterator();
        for (int over = entries.size() - capacity; over > 0; over--) {
            close(oldest.next());
            oldest.remove();
        }
    }

    private static void close(Object entry) {
        if (entry instanceof AutoCloseable c) {
            try {
                c.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        entries.values().forEach(FileCache::close);
        entries.clear();
    }
}
