package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.daguerre.testing.Goldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, in a process of its own. */
class InterruptTest {
    private static final Path KILL = Path.of("/bin/kill");

    @TempDir
    Path folder;

    @Test
    void endsTheProgramWith130AndNoPicture() throws Exception {
        assumeTrue(Files.isExecutable(KILL), "no " + KILL);
        Path preview = folder.resolve("preview.png");
        Path log = folder.resolve("log");
        Process run = new ProcessBuilder(command("a cat", "-m", Goldens.model("tiny-sd1").toString(), "--device", "java", "--steps", "900",
            "--size", "128x128", "--preview", preview.toString(), "-o", folder.resolve("picture.png").toString(), "--trace",
            folder.resolve("trace.safetensors").toString())).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            waitFor(preview, run, log);
            kill(run, "-INT");
            if (!run.waitFor(30, TimeUnit.SECONDS)) {
                kill(run, "-TERM"); // a parent may have told its children to ignore the other one
            }
            assertTrue(run.waitFor(30, TimeUnit.SECONDS), "still running");
        } finally {
            run.destroyForcibly();
        }
        String said = Files.readString(log);
        assertEquals(130, run.exitValue(), said);
        assertTrue(said.stripTrailing().endsWith("interrupted"), said);
        assertEquals(List.of(" 0", "log " + Files.size(log), "preview.png " + Files.size(preview)), CommandLineRun.contents(folder));
    }

    private static List<String> command(String... args) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.concat(Stream.of(java, "-cp", path,
            Main.class.getName()), Stream.of(args)).toList();
    }

    private static void waitFor(Path file, Process run, Path log) throws IOException, InterruptedException {
        for (int i = 0; i < 1200 && !Files.exists(file); i++) {
            assertTrue(run.isAlive(), Files.readString(log));
            Thread.sleep(100);
        }
        assertTrue(Files.exists(file), Files.readString(log));
    }

    private static void kill(Process run, String signal) throws IOException, InterruptedException {
        new ProcessBuilder(KILL.toString(), signal, String.valueOf(run.pid())).inheritIO().start().waitFor();
    }
}
