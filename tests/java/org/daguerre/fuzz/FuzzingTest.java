package org.daguerre.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Coverage-guided fuzzing with Jazzer, one process per parser: {@code mvn verify -Pfuzz -Dfuzz.seconds=60}. What it learned stays in
 * {@code target/fuzz} for the next run; an input that breaks a parser is written there as {@code crash-*}, with the log beside it.
 */
@Tag("fuzz")
class FuzzingTest {
    private static final Path FOLDER = Path.of("target/fuzz").toAbsolutePath();
    private static final String SECONDS = System.getProperty("fuzz.seconds", "60");
    private static final Pattern DONE = Pattern.compile("stat::number_of_executed_units: (\\d+)");

    @ParameterizedTest
    @EnumSource
    void findsNothing(FuzzTargets target) throws IOException, InterruptedException {
        String name = target.name().toLowerCase(Locale.ROOT);
        Path corpus = Files.createDirectories(FOLDER.resolve(name));
        List<byte[]> seeds = target.seeds();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(corpus.resolve("seed-" + i), seeds.get(i));
        }
        Path log = FOLDER.resolve(name + ".log");
        Process fuzzer = new ProcessBuilder(command(target, corpus)).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        int exit = fuzzer.waitFor();
        long runs = runs(log);
        System.out.println("fuzzed " + name + ": " + runs + " inputs, " + count(corpus) + " kept");
        assertEquals(0, exit, "see " + log);
        assertTrue(runs > 0, "nothing ran, see " + log);
    }

    private static List<String> command(FuzzTargets target, Path corpus) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return List.of(java, "-Xmx1800m", "-Xss4m", "-Djava.awt.headless=true", "-cp", path, "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.type().getName(), "--instrumentation_includes=org.daguerre.**", "--reproducer_path=" + FOLDER,
            "-artifact_prefix=" + FOLDER.resolve(target.name().toLowerCase(Locale.ROOT)) + "-", "-max_total_time=" + SECONDS,
            "-max_len=16384", "-timeout=120", "-rss_limit_mb=0", "-print_final_stats=1", "-use_value_profile=1", corpus.toString());
    }

    private static long runs(Path log) throws IOException {
        Matcher found = DONE.matcher(Files.readString(log));
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
