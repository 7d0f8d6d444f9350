package org.daguerre.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that a fuzzer's bytes are written to, again and again, for readers that map files. */
final class FuzzFile {
    private static final Path MEMORY = Path.of("/dev/shm");
    /** Mappings are freed by the collector only, and a process may have 65,530. */
    private static final int MAPPINGS = 10_000;

    private final Path folder;
    private int written;

    FuzzFile() {
        try {
            folder = Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "daguerre-fuzz")
                : Files.createTempDirectory("daguerre-fuzz");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
    }

    Path folder() {
        return folder;
    }

    /** A new file under the name: the old one may still be mapped. */
    Path write(String name, byte[] bytes) {
        if (++written % MAPPINGS == 0) {
            System.gc();
        }
        Path file = folder.resolve(name);
        try {
            Files.deleteIfExists(file);
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void remove(String... names) {
        for (String name : names) {
            folder.resolve(name).toFile().delete();
        }
    }

    private void delete() {
        try (var files = Files.walk(folder)) {
            files.sorted((a, b) -> b.getNameCount() - a.getNameCount()).forEach(f -> f.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
