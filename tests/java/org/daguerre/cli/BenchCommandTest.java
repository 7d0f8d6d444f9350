package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.daguerre.Size;
import org.daguerre.bench.Baseline;
import org.daguerre.bench.Work;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
    @TempDir
    Path folder;

    private JsonNode json(String name) throws Exception {
        return new ObjectMapper().readTree(folder.resolve(name).toFile());
    }

    @Test
    void measuresAModel() throws Exception {
        String model = Goldens.model("tiny-sd1").toString();
        String file = folder.resolve("a.json").toString();
        CommandLineRun run = CommandLineRun.ok("bench", "-m", model, "--steps", "2", "--warmup", "1", "--repeat", "2",
            "--profile",
            "--threads", "1", "--json", file, "--chart", folder.resolve("a.svg").toString());
        assertTrue(run.out().contains("steps per second"), run.out());
        JsonNode r = json("a.json");
        for (String key : List.of("machine", "device", "precision", "threads", "commit", "arch", "size")) {
            assertTrue(!r.path(key).asText().isEmpty(), key);
        }
        for (String key : List.of("load_ms", "text_ms", "step_ms", "vae_decode_ms", "vae_encode_ms", "total_ms")) {
            JsonNode t = r.get(key);
            assertTrue(t.get("min").asDouble() > 0 && t.get("min").asDouble() <= t.get("median").asDouble()
                && t.get("median").asDouble() <= t.get("max").asDouble(), key + " " + t);
        }
        assertEquals(4, r.at("/step_ms/runs").asInt());
        for (String key : List.of("steps_per_second", "tflops_per_step", "peak_tflops", "peak_share", "peak_rss_bytes",
            "first_image_ms")) {
            assertTrue(r.get(key).asDouble() > 0, key);
        }
        double counted = 0;
        for (JsonNode op : r.get("ops")) {
            assertTrue(op.get("ms").asDouble() > 0 && op.get("count").asInt() > 0, op.toString());
            counted += op.get("tflops").asDouble() * op.get("ms").asDouble() / 1000;
        }
        assertEquals(r.get("tflops_per_step").asDouble(), counted, 1e-3 * counted,
            "the profile has the arithmetic of a step");
        assertTrue(Files.readString(folder.resolve("a.svg")).startsWith("<svg"));
        CommandLineRun again = CommandLineRun.ok("bench", "-m", model, "--steps", "2", "--warmup", "0", "--repeat",
            "1", "--compare", file);
        assertTrue(again.out().contains("ms before"), again.out());
    }

    @Test
    void measuresKernels() throws Exception {
        String file = folder.resolve("k.json").toString();
        CommandLineRun run = CommandLineRun.ok("bench", "kernels", "--op", "linear", "--shape", "64,32,16", "--repeat",
            "2", "--json", file);
        assertTrue(run.out().contains("linear 32 → 16, 64 rows"), run.out());
        assertEquals(2, json("k.json").at("/kernels/0/ms/runs").asInt());
    }

    /** Knows no attention; takes 2 ms for everything else. */
    private static final class FakeBaseline implements Baseline {
        private final List<Work> asked = new ArrayList<>();
        private boolean closed;

        @Override
        public String description() {
            return "fake library 1.0";
        }

        @Override
        public OptionalDouble milliseconds(Work work, int repetitions) {
            asked.add(work);
            return work instanceof Work.Attention ? OptionalDouble.empty() : OptionalDouble.of(2);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Runs a command as {@link Commands} would, with its own baseline; returns what it prints. */
    private static String run(Function<Console, Command> make, String... args) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        Command command = make.apply(Console.piped(print, new PrintStream(new ByteArrayOutputStream())));
        new CommandLine(command).registerConverter(Size.class, Size::parse).parseArgs(args);
        command.call();
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String nativeEngine() {
        return TestEngine.natives().stream().map(TestEngine::engine).filter(e -> !e.equals("cuda")).findFirst()
            .orElseGet(() -> abort("no native engine was built"));
    }

    @Test
    void comparesKernelsWithABaseline() throws Exception {
        FakeBaseline fake = new FakeBaseline();
        String file = folder.resolve("k.json").toString();
        String out = run(console -> new BenchKernelsCommand(console, new BaselineOption(engine -> fake)), "--op",
            "linear", "--shape", "64,32,16", "--repeat", "2", "--baseline", "cudnn", "--device", nativeEngine(),
            "--json", file);
        assertTrue(out.contains("cudnn") && out.matches("(?s).*[0-9]x +linear 32 → 16, 64 rows.*"), out);
        JsonNode row = json("k.json").at("/kernels/0");
        assertEquals(2, row.get("cudnn_ms").asDouble());
        assertTrue(row.get("cudnn_ratio").asDouble() > 0, row.toString());
        assertEquals("fake library 1.0", json("k.json").get("baseline").asText());
        assertTrue(fake.closed);
    }

    @Test
    void comparesAModelWithABaseline() throws Exception {
        List<FakeBaseline> opened = new ArrayList<>();
        String file = folder.resolve("b.json").toString();
        String out = run(console -> new BenchCommand(console, new BaselineOption(engine -> {
            opened.add(new FakeBaseline());
            return opened.get(opened.size() - 1);
        })), "-m", Goldens.model("tiny-sd1").toString(), "--size", "64x64", "--steps", "1", "--warmup",
            "0", "--repeat", "1", "--baseline", "cudnn", "--device", nativeEngine(), "--json", file);
        assertTrue(out.contains("Each operation beside fake library 1.0") && out.contains("above 1x ours is faster"),
            out);
        int attention = 0;
        for (JsonNode row : json("b.json").get("baseline_ops")) {
            assertTrue(row.get("ms").asDouble() > 0, row.toString());
            attention += row.get("op").asText().equals("attention") ? 1 : 0;
            assertEquals(row.get("op").asText().equals("attention"), !row.has("cudnn_ratio"), row.toString());
            if (row.has("cudnn_ratio")) {
                assertEquals(2 / row.get("ms").asDouble(), row.get("cudnn_ratio").asDouble(), 1e-9);
            }
        }
        assertTrue(attention > 0);
        assertEquals(json("b.json").get("baseline_ops").size(), opened.get(1).asked.size());
        assertTrue(opened.stream().allMatch(b -> b.closed) && opened.get(0).asked.isEmpty(),
            "the first is opened before the pictures, to fail early");
    }

    /** The engine is asked first: on a machine without a GPU none of NVIDIA's libraries is looked for. */
    @Test
    void theBaselineNeedsTheCudaEngine() {
        for (String[] command : new String[][] {{"bench", "kernels", "--op", "linear", "--shape", "4,8,8"}, {"bench"}}) {
            List<String> args = new ArrayList<>(List.of(command));
            args.addAll(List.of("--baseline", "cudnn", "--device", "java"));
            CommandLineRun run = CommandLineRun.of(args);
            assertTrue(run.code() == 1 && run.err().contains("baseline cudnn: expected the cuda engine, found java"),
                run.err());
            assertEquals("", run.out());
        }
    }

    @Test
    void wrongUsage() {
        for (String[] wrong : new String[][] {{"bench", "--arch", "sd9", "--random"}, {"bench", "--random"},
            {"bench", "--cfg", "maybe"},
            {"bench", "--repeat", "0"}, {"bench", "--chart", "x.gif"}, {"bench", "kernels", "--shape", "1"},
            {"bench", "kernels", "--op", "nosuch"}, {"bench", "kernels", "--baseline", "x"}, {"bench", "--baseline", "x"}}) {
            CommandLineRun run = CommandLineRun.of(wrong);
            assertEquals(2, run.code(), String.join(" ", wrong) + run.err());
            assertEquals(1, run.err().lines().count(), run.err());
        }
        CommandLineRun missing = CommandLineRun.of("bench", "--compare", folder.resolve("nosuch.json").toString());
        assertTrue(missing.code() == 1 && missing.err().contains("no such file"), missing.err());
    }
}
