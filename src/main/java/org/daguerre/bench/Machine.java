package org.daguerre.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What a measurement ran on. Linux tells; elsewhere some answers are missing. */
final class Machine {
    private Machine() {
    }

    /** Processor, number of processors that this process may use, and operating system. */
    static String description() {
        String processor = line(Path.of("/proc/cpuinfo"), "model name").orElse(System.getProperty("os.arch"));
        return processor + ", " + Runtime.getRuntime().availableProcessors() + " processors, "
            + System.getProperty("os.name") + " "
            + System.getProperty("os.version") + ", Java " + Runtime.version();
    }

    /** Most memory that this process has held at once, 0 if unknown. */
    static long peakResidentBytes() {
        return line(Path.of("/proc/self/status"), "VmHWM").map(v -> 1024 * Long.parseLong(v.split("\\s+")[0]))
            .orElse(0L);
    }

    /** Milliseconds since this process began. */
    static double sinceStart() {
        return System.currentTimeMillis() - (double) ManagementFactory.getRuntimeMXBean().getStartTime();
    }

    private static Optional<String> line(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(l -> l.startsWith(key)).findFirst().map(l -> l.substring(l.indexOf(':') + 1).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The commit of the working tree that this program was built in, or "unknown". */
    static String commit() {
        try {
            Path code = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            for (Path folder = code.getParent(); folder != null; folder = folder.getParent()) {
                Path git = folder.resolve(".git");
                if (Files.isDirectory(git)) {
                    return commit(git);
                }
            }
        } catch (IOException | URISyntaxException e) {
            // a jar without its working tree
        }
        return "unknown";
    }

    private static String commit(Path git) throws IOException {
        String head = Files.readString(git.resolve("HEAD")).strip();
        if (!head.startsWith("ref: ")) {
            return head;
        }
        String ref = head.substring("ref: ".length());
        if (Files.exists(git.resolve(ref))) {
            return Files.readString(git.resolve(ref)).strip();
        }
        try (Stream<String> packed = Files.lines(git.resolve("packed-refs"))) {
            return packed.filter(l -> l.endsWith(" " + ref)).findFirst().map(l -> l.substring(0, l.indexOf(' ')))
                .orElse("unknown");
        }
    }
}
