package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.daguerre.testing.Goldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void wrongUsage() {
        for (String[] wrong : new String[][] {{"bench", "--arch", "sd9", "--random"}, {"bench", "--random"},
            {"bench", "--cfg", "maybe"},
            {"bench", "--repeat", "0"}, {"bench", "--chart", "x.gif"}, {"bench", "kernels", "--shape", "1"},
            {"bench", "kernels", "--op", "nosuch"}, {"bench", "kernels", "--baseline", "x"}}) {
            CommandLineRun run = CommandLineRun.of(wrong);
            assertEquals(2, run.code(), String.join(" ", wrong) + run.err());
            assertEquals(1, run.err().lines().count(), run.err());
        }
        CommandLineRun missing = CommandLineRun.of("bench", "--compare", folder.resolve("nosuch.json").toString());
        assertTrue(missing.code() == 1 && missing.err().contains("no such file"), missing.err());
    }
}
