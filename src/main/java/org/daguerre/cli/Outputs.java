package org.daguerre.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Names of the pictures to write, decided and tried before any work is done. */
final class Outputs {
    private static final Pattern COUNTER = Pattern.compile("%0?\\d*d");
    private static final String EXTENSION = ".png";
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G'};

    private Outputs() {
    }

    /**
     * One file for each seed.
     *
     * @param output as given with -o: a file, perhaps with {@code %d}, or a folder
     * @throws IllegalArgumentException if it is not the name of a PNG
     * @throws IOException              if nothing can be written there
     */
    static List<Path> plan(Optional<String> output, List<Long> seeds) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < seeds.size(); i++) {
            files.add(name(output, seeds, i));
        }
        for (Path file : files) {
            checkWritable("-o", file);
        }
        return files;
    }

    private static Path name(Optional<String> output, List<Long> seeds, int i) throws IOException {
        boolean several = seeds.size() > 1;
        Set<Long> distinct = new HashSet<>(seeds);
        String bySeed = "daguerre-" + seeds.get(i) + (distinct.size() < seeds.size() ? "-" + (i + 1) : "") + EXTENSION;
        Path path = single(output, bySeed);
        String text = path.toString();
        if (output.isEmpty() || path.endsWith(bySeed)) {
            return path;
        }
        if (COUNTER.matcher(text).find()) {
            int number = i + 1;
            return Path.of(COUNTER.matcher(text).replaceAll(m -> String.format(m.group(), number)));
        }
        return several ? Path.of(text.substring(0, text.length() - EXTENSION.length()) + "-" + (i + 1) + EXTENSION)
            : path;
    }

    /** The file for the enlarged {@code image}. */
    static Path upscaled(Optional<String> output, Path image, int scale) throws IOException {
        String name = String.valueOf(image.getFileName());
        int dot = name.lastIndexOf('.');
        String fallback = (dot > 0 ? name.substring(0, dot) : name) + "-" + scale + "x" + EXTENSION;
        Path file = single(output, fallback);
        checkWritable("-o", file);
        return file;
    }

    private static Path single(Optional<String> output, String fallback) throws IOException {
        if (output.isEmpty()) {
            return Path.of(fallback);
        }
        Path path = Path.of(output.get());
        if (output.get().endsWith("/")) {
            return Files.createDirectories(path).resolve(fallback);
        }
        if (Files.isDirectory(path)) {
            return path.resolve(fallback);
        }
        if (!output.get().toLowerCase(Locale.ROOT).endsWith(EXTENSION)) {
            throw new IllegalArgumentException("-o: expected a folder or a name that ends with .png, found "
                + output.get());
        }
        return path;
    }

    /** Tries to make a file beside {@code file}, and removes it. */
    static void checkWritable(String option, Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new IOException(option + ": expected the name of a file, found the folder " + file);
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException(option + ": cannot write " + file + ": " + folder + " is not a folder");
        }
        try {
            Files.delete(Files.createTempFile(folder, ".daguerre-", ".part"));
        } catch (IOException e) {
            throw new IOException(option + ": cannot write " + file + ": cannot create files in " + folder, e);
        }
    }

    static boolean isPng(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(SIGNATURE.length), SIGNATURE);
        }
    }

    /** Writes a text whole or not at all. */
    static void writeText(Path file, String text) throws IOException {
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), ".daguerre-", ".part");
        try {
            Files.writeString(part, text);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
