package org.daguerre.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where fuzzing starts, and what every test run repeats: small files of the real kind, and inputs that fuzzing found worth keeping. */
final class Corpus {
    private static final Path KEPT = Path.of("tests/fuzz");
    private static final Path FIXTURES = Path.of("tests/fixtures");

    private final List<byte[]> inputs = new ArrayList<>();

    private Corpus() {
    }

    /** The inputs in {@code tests/fuzz/NAME}. */
    static Corpus of(String name) {
        Corpus corpus = new Corpus();
        Path folder = KEPT.resolve(name);
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.sorted().forEach(corpus::file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return corpus;
    }

    /** Adds files below {@code tests/fixtures}. */
    Corpus fixtures(String... files) {
        for (String file : files) {
            file(FIXTURES.resolve(file));
        }
        return this;
    }

    Corpus with(byte[] input) {
        inputs.add(input);
        return this;
    }

    private void file(Path path) {
        try {
            inputs.add(Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Stream<byte[]> stream() {
        return inputs.stream();
    }
}
