package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.daguerre.image.Image;
import org.daguerre.image.ImageFiles;
import org.daguerre.image.PngText;
import org.daguerre.image.PngWriter;
import org.daguerre.image.Region;
import org.daguerre.testing.Goldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that make pictures: what they print, write and store. */
class GenerateTest {
    private static final String MODEL = Goldens.model("tiny-sd1").toString();

    @TempDir
    Path folder;

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private Image image(String name) throws Exception {
        return ImageFiles.read(folder.resolve(name));
    }

    private static String parameters(Path png) throws Exception {
        return PngText.read(png).get(PngWriter.PARAMETERS);
    }

    /** Words of a POSIX command line, single quotes only. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher m = Pattern.compile("(?:[^\\s']|'[^']*')+").matcher(line);
        while (m.find()) {
            words.add(m.group().replace("'", ""));
        }
        return words;
    }

    @Test
    void theCommandStoredInAPictureMakesIt() throws Exception {
        CommandLineRun run = CommandLineRun.ok("a (cat:1.2) in the park", "-m", MODEL, "-n", "blurry, dark", "--steps",
            "3", "--cfg-scale",
            "4.5", "--sampler", "DPM++ 2M Karras", "--seed", "11", "--size", "64x96", "--clip-skip", "2", "--rng",
            "mt19937",
            "--guidance-rescale", "0.3", "-o", file("a.png"));
        assertEquals(file("a.png") + "  seed 11, 64x96" + System.lineSeparator(), run.out());
        assertTrue(run.err().lines().findFirst().orElse("").matches("(cuda|cpu|java).*"), run.err());
        List<String> lines = CommandLineRun.ok("info", file("a.png")).out().lines().toList();
        String command = lines.get(lines.size() - 1);
        assertTrue(command.startsWith("daguerre 'a (cat:1.2) in the park' "), command);
        List<String> args = words(command);
        args.remove(0);
        args.set(args.indexOf("tiny-sd1"), MODEL);
        args.addAll(List.of("-o", file("b.png")));
        CommandLineRun.ok(args.toArray(String[]::new));
        assertEquals(-1, Files.mismatch(folder.resolve("a.png"), folder.resolve("b.png")));
        CommandLineRun.ok("--from", file("a.png"), "-m", MODEL, "-o", file("c.png"));
        assertEquals(-1, Files.mismatch(folder.resolve("a.png"), folder.resolve("c.png")));
    }

    /** Everything that changes a picture is in its parameters, down to the second one of a batch. */
    @Test
    void allSettingsSurvive() throws Exception {
        PngWriter.write(folder.resolve("start.png"), Image.filled(3, 64, 64, 0.5f), Map.of());
        CommandLineRun.ok("img2img", file("start.png"), "a (cat:1.3)", "-m", MODEL, "--steps", "6", "--seed", "3",
            "--sampler", "ddim",
            "--sampler-setting", "eta=0.5", "--emphasis", "no-norm", "--strength", "0.8", "--posterior", "mean",
            "--variation-seed", "9",
            "--variation-strength", "0.25", "--guidance-interval", "0.1-0.9", "--schedule", "default", "--spacing",
            "trailing", "--zero-snr",
            "--clip-skip", "2", "--clip-skip-negative", "1", "--lora", Goldens.ROOT
            + "/adapters/lora_sd1_kohya.safetensors:0.5:0.25",
            "-b", "2", "-o", file("a-%d.png"));
        CommandLineRun.ok("img2img", file("start.png"), "--from", file("a-2.png"), "-m", MODEL, "--lora-dir",
            Goldens.ROOT + "/adapters",
            "-o", file("b.png"));
        assertArrayEquals(image("a-2.png").planes(), image("b.png").planes());
        assertEquals(parameters(folder.resolve("a-2.png")), parameters(folder.resolve("b.png")));
    }

    @Test
    void optionsWinOverThoseOfAPicture() throws Exception {
        CommandLineRun.ok("a cat", "-m", MODEL, "-n", "dark", "--steps", "3", "--seed", "11", "-o", file("a.png"));
        CommandLineRun.ok("a dog", "--from", file("a.png"), "-m", MODEL, "--steps", "2", "-o", file("b.png"));
        String text = parameters(folder.resolve("b.png"));
        assertTrue(text.startsWith("a dog\nNegative prompt: dark\nSteps: 2,") && text.contains("Seed: 11"), text);
        CommandLineRun.ok("img2img", file("a.png"), "--from", file("a.png"), "-m", MODEL, "--strength", "0.5", "-o",
            file("c.png"));
        assertTrue(parameters(folder.resolve("c.png")).startsWith("a cat\n"));
    }

    @Test
    void batches() throws Exception {
        CommandLineRun run = CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "--seed", "7", "-b", "2", "-o",
            file("x-%02d.png"));
        assertEquals(List.of(file("x-01.png") + "  seed 7, 64x64", file("x-02.png") + "  seed 8, 64x64"),
            run.out().lines().toList());
        CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "--seed", "8", "-o", folder + "/new/");
        assertArrayEquals(image("x-02.png").planes(), image("new/daguerre-8.png").planes());
        CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "--seed", "7", "-b", "2", "-o", file("y.png"));
        assertTrue(Files.exists(folder.resolve("y-1.png")) && Files.exists(folder.resolve("y-2.png")));
    }

    @Test
    void aRandomSeedIsTold() {
        Pattern told = Pattern.compile("seed (\\d+)");
        List<String> seeds = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Matcher m = told.matcher(CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "-o", folder.toString())
                .out());
            assertTrue(m.find());
            seeds.add(m.group(1));
            assertTrue(Files.exists(folder.resolve("daguerre-" + m.group(1) + ".png")));
        }
        assertNotEquals(seeds.get(0), seeds.get(1));
    }

    @Test
    void quietAndJson() throws Exception {
        CommandLineRun run = CommandLineRun.ok("a cat", "-m", MODEL, "--sampler", "ddim", "--steps", "2", "--seed",
            "1", "-q", "--json", "--preview",
            file("preview.png"), "-o", file("a.png"));
        assertEquals("", run.err());
        JsonNode json = new ObjectMapper().readTree(run.out());
        assertEquals(file("a.png"), json.at("/pictures/0/file").asText());
        assertEquals(1, json.at("/pictures/0/seed").asLong());
        assertEquals(2, json.at("/timings_ms/steps").size());
        assertEquals(parameters(folder.resolve("a.png")), json.at("/pictures/0/parameters").asText());
        assertEquals(256, image("preview.png").width());
    }

    @Test
    void previewsByTaesd() throws Exception {
        CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "--preview", file("preview.png"), "--preview-vae",
            Goldens.model("tiny-taesd").toString(), "-o", file("a.png"));
        assertEquals(256, image("preview.png").width());
    }

    @Test
    void progressWhenAsked() {
        CommandLineRun run = CommandLineRun.ok("a cat", "-m", MODEL, "--sampler", "ddim", "--steps", "2", "--seed",
            "1", "--progress", "-o", file("a.png"));
        assertTrue(run.err().contains("2/2 steps"), run.err());
        run.err().lines().filter(l -> l.contains("steps (")).forEach(l -> assertTrue(l.length() <= Console.WIDTH, l));
        CommandLineRun piped = CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "2", "--seed", "1", "-o",
            file("a.png"));
        assertTrue(!piped.err().contains(" steps ("), piped.err());
    }

    @Test
    void verboseTellsHowThePromptWasCut() {
        CommandLineRun run = CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "--seed", "1", "--verbose", "-o",
            file("a.png"));
        assertTrue(run.err().contains("tokens in 1 chunk"), run.err());
    }

    @Test
    void inpaintingKeepsWhatIsBlack() throws Exception {
        Image start = Image.filled(3, 64, 64, 0.25f);
        Image mask = Image.zeros(1, 64, 64);
        Arrays.fill(mask.planes(), 0, 32 * 64, 1);
        PngWriter.write(folder.resolve("start.png"), start, Map.of());
        PngWriter.write(folder.resolve("mask.png"), mask, Map.of());
        for (List<String> extra : List.of(List.<String>of(), List.of("--invert-mask"))) {
            List<String> args = new ArrayList<>(List.of("inpaint", file("start.png"), file("mask.png"), "a cat", "-m",
                MODEL, "--steps", "2",
                "--seed", "1", "--strength", "1", "-o", file("a.png")));
            args.addAll(extra);
            CommandLineRun.ok(args.toArray(String[]::new));
            Image a = image("a.png");
            int kept = extra.isEmpty() ? 63 : 0;
            assertEquals(64 / 255f, a.at(0, kept, 30), 1e-6);
            assertNotEquals(64 / 255f, a.at(0, 63 - kept, 30), 1e-3);
        }
    }

    @Test
    void gridsAreLabelledAndTheirCellsAreThePictures() throws Exception {
        CommandLineRun run = CommandLineRun.ok("grid", "a cat", "-m", MODEL, "--seed", "3", "--x", "steps=1..2", "--y",
            "prompt=cat,dog",
            "--rng", "mt19937", "-o", file("grid.png"));
        assertTrue(run.out().startsWith(file("grid.png") + "  seed 3, "), run.out());
        CommandLineRun.ok("a dog", "-m", MODEL, "--seed", "3", "--steps", "2", "--rng", "mt19937", "-o",
            file("cell.png"));
        Image grid = image("grid.png");
        Image cell = image("cell.png");
        Image corner = grid.crop(new Region(grid.width() - 64, grid.height() - 64, 64, 64));
        assertArrayEquals(cell.planes(), corner.planes());
        String command = PngText.read(folder.resolve("grid.png")).get("grid");
        assertTrue(command.startsWith("daguerre grid 'a cat' -m "), command);
        assertEquals(command, CommandLineRun.ok("info", file("grid.png")).out().strip());
    }

    @Test
    void aGridOfARandomSeedTellsIt() throws Exception {
        CommandLineRun run = CommandLineRun.ok("-q", "grid", "a cat", "-m", MODEL, "--x", "steps=1", "-o", file("grid.png"));
        assertEquals("", run.err());
        String seed = run.out().replaceAll("(?s).*seed (\\d+),.*", "$1");
        assertTrue(CommandLineRun.ok("info", file("grid.png")).out().strip().endsWith(" --seed " + seed), run.out());
    }

    @Test
    void upscaledPicturesKeepTheirParameters() throws Exception {
        CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "--seed", "1", "-o", file("a.png"));
        String net = Goldens.model("tiny-esrgan").resolve("x2.safetensors").toString();
        CommandLineRun run = CommandLineRun.ok("upscale", file("a.png"), "-u", net, "--tile", "40", "-o",
            folder.toString());
        assertEquals(file("a-2x.png") + "  128x128" + System.lineSeparator(), run.out());
        assertEquals(parameters(folder.resolve("a.png")), parameters(folder.resolve("a-2x.png")));
    }

    @Test
    void convertedModelsMakeTheSamePicture() throws Exception {
        CommandLineRun.ok("convert", MODEL, file("one.safetensors"));
        CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "--seed", "1", "-o", file("a.png"));
        CommandLineRun.ok("a cat", "-m", file("one.safetensors"), "--config", MODEL, "--steps", "1", "--seed", "1",
            "--sampler", "ddim",
            "-o", file("b.png"));
        CommandLineRun.ok("a cat", "-m", MODEL, "--steps", "1", "--seed", "1", "--sampler", "ddim", "-o",
            file("c.png"));
        assertArrayEquals(image("c.png").planes(), image("b.png").planes());
    }
}
