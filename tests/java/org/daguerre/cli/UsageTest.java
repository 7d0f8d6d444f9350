package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.image.Image;
import org.daguerre.image.PngWriter;
import org.daguerre.testing.Goldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wrong usage ends with code 2 and one line that names the option and what is allowed; help is readable. */
class UsageTest {
    @TempDir
    Path folder;

    static Stream<Arguments> wrong() {
        return Stream.of(
            Arguments.of("'' ", "PROMPT: expected some text, found an empty one"),
            Arguments.of("txt2img", "PROMPT: expected a text, found none"),
            Arguments.of("a b", "Unmatched argument at index 2: 'b'"),
            Arguments.of("a --nosuch", "Unknown option: '--nosuch'"),
            Arguments.of("a --step 3", "Unknown options: '--step', '3'; did you mean --steps?"),
            Arguments.of("a --steps 0", "--steps: expected 1..1000, found 0"),
            Arguments.of("a --steps 1001", "--steps: expected 1..1000, found 1001"),
            Arguments.of("a --steps x", "Invalid value for option '--steps': 'x' is not an int"),
            Arguments.of("a --steps", "Missing required parameter for option '--steps' (N)"),
            Arguments.of("a --size 100x100", "--size: expected multiples of 8, found 100x100; nearest: 104x104"),
            Arguments.of("a --size 0x8", "expected a width and height of at least 1"),
            Arguments.of("a --size 99999x8", "--size: expected sides up to 16384"),
            Arguments.of("a --size big", "size: expected WIDTHxHEIGHT such as 512x768, found big"),
            Arguments.of("a --sampler nosuch", "--sampler: expected one of " + String.join(", ", Samplers.names())),
            Arguments.of("a --schedule nosuch", "--schedule: expected default or one of normal, karras"),
            Arguments.of("a --spacing nosuch", "expected leading, linspace or trailing"),
            Arguments.of("a --dialect nosuch", "expected diffusers or k-diffusion"),
            Arguments.of("a --rng nosuch", "expected philox or mt19937"),
            Arguments.of("a --cfg-scale -1", "--cfg-scale: expected 0..1000, found -1.0"),
            Arguments.of("a --cfg-scale NaN", "--cfg-scale: expected 0..1000, found NaN"),
            Arguments.of("a --guidance-rescale 2", "--guidance-rescale: expected 0..1"),
            Arguments.of("a --guidance-interval 0.8-0.2", "--guidance-interval: expected 0 <= start <= end <= 1"),
            Arguments.of("a --guidance-interval x", "expected START-END such as 0.2-0.8"),
            Arguments.of("a --seed -1", "--seed: expected a number from 0, found -1"),
            Arguments.of("a --batch 0", "--batch: expected 1..256, found 0"),
            Arguments.of("a --clip-skip 99", "--clip-skip: expected 0..64"),
            Arguments.of("a --emphasis loud", "--emphasis: expected original, no-norm, ignore or none, found loud"),
            Arguments.of("a --crop 1", "--crop: expected X,Y such as 0,64, found 1"),
            Arguments.of("a --refiner-at 2", "--refiner-at: expected a fraction between 0 and 1"),
            Arguments.of("a --denoising-start 0.9 --denoising-end 0.1", "expected 0 <= start < end <= 1"),
            Arguments.of("a --variation-seed 3", "--variation-seed: expected --variation-strength with it"),
            Arguments.of("a --variation-strength 2", "--variation-strength: expected a number within 0..1"),
            Arguments.of("a --precision f8", "--precision: expected auto, f32, f16 or bf16, found f8"),
            Arguments.of("a --prediction x", "--prediction: expected epsilon or v_prediction, found x"),
            Arguments.of("a --threads -1", "--threads: expected 0 (all) to 1024"),
            Arguments.of("a --memory-limit lots", "expected an amount of memory such as 900M or 6G, found lots"),
            Arguments.of("a --device nosuch",
            "device: expected auto, cuda, cuda:N, cpu, emulated or java, found nosuch"),
            Arguments.of("a --posterior x", "--posterior: expected sample or mean, found x"),
            Arguments.of("a -o picture.jpg", "-o: expected a folder or a name that ends with .png, found picture.jpg"),
            Arguments.of("a --lora nosuch.safetensors", "--lora: expected a file, found no nosuch.safetensors"),
            Arguments.of("<lora:nosuch:1>a", "<nosuch> in the prompt: expected a file, found no nosuch"),
            Arguments.of("<lora:x:heavy>a", "<lora:x:heavy>"),
            Arguments.of("a --controlnet x",
            "missing required argument(s): (--control-image=FILE | --control-canny=FILE)"),
            Arguments.of("img2img IMAGE a --strength 2", "--strength: expected 0..1, found 2.0"),
            Arguments.of("img2img", "Missing required parameter: 'IMAGE'"),
            Arguments.of("inpaint IMAGE", "Missing required parameter: 'MASK'"),
            Arguments.of("inpaint IMAGE IMAGE a --only-masked -1", "--only-masked: expected 0..4096"),
            Arguments.of("upscale IMAGE", "Missing required option: '--upscaler=FILE'"),
            Arguments.of("upscale IMAGE -u x --tile 3", "--tile: expected 17..16384, found 3"),
            Arguments.of("grid a", "Missing required option: '--x=OPTION=A,B'"),
            Arguments.of("grid a --x steps", "expected OPTION=VALUE,VALUE such as steps=5,10,20, found steps"),
            Arguments.of("grid a --x nosuch=1", "--x, --y: Unknown option: '--nosuch=1'"),
            Arguments.of("grid a --x steps=0", "--steps: expected 1..1000, found 0"),
            Arguments.of("grid a --x prompt=x,y",
            "axis prompt: expected a first value that the prompt contains, found x"),
            Arguments.of("convert x y --type i8", "--type: expected f16, bf16 or f32, found i8"),
            Arguments.of("convert x IMAGE", "OUT: expected a name that is free"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void wrongUsage(String line, String message) throws Exception {
        Path image = folder.resolve("image.png");
        PngWriter.write(image, Image.zeros(3, 64, 64), Map.of());
        List<String> before = CommandLineRun.contents(folder);
        List<String> args = new ArrayList<>();
        for (String word : line.strip().split(" ")) {
            args.add(word.equals("''") ? "" : word.equals("IMAGE") ? image.toString() : word);
        }
        CommandLineRun run = CommandLineRun.of(args);
        assertEquals(2, run.code(), run.err());
        assertEquals("", run.out());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().startsWith("daguerre"), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(before, CommandLineRun.contents(folder));
    }

    @Test
    void verboseShowsWhereItWentWrong() {
        CommandLineRun run = CommandLineRun.of("a", "--steps", "0", "--verbose");
        assertEquals(2, run.code());
        assertTrue(run.err().contains("\tat org.daguerre."), run.err());
    }

    @Test
    void helpFitsTheTerminal() {
        List<String> names = new ArrayList<>(Commands.names());
        names.add("");
        for (String name : names) {
            CommandLineRun run = name.isEmpty() ? CommandLineRun.ok("--help") : CommandLineRun.ok(name, "--help");
            assertTrue(run.out().startsWith("Usage: daguerre" + (name.isEmpty() ? "" : " " + name)), run.out());
            run.out().lines().forEach(line -> assertTrue(line.length() <= Console.WIDTH, line));
            assertTrue(run.out().chars().noneMatch(c -> c == '\u001b'), "colours in a pipe");
            assertEquals("", run.err());
        }
        CommandLineRun all = CommandLineRun.ok();
        Commands.names().forEach(name -> assertTrue(all.out().contains("\n  " + name + " "), all.out()));
    }

    /** Every option says what it does. */
    @Test
    void everyOptionIsDescribed() {
        Commands.all(Console.piped(System.out, System.err)).getSubcommands().values().forEach(command ->
            command.getCommandSpec().options().forEach(o -> assertTrue(o.description().length > 0
            && !o.description()[0].isBlank(),
                command.getCommandName() + " " + o.longestName())));
    }

    @Test
    void promisedOptionsExist() {
        var txt2img = Commands.all(Console.piped(System.out, System.err)).getSubcommands().get("txt2img")
            .getCommandSpec();
        for (String name : List.of("--model", "--config", "--vae", "--device", "--precision", "--threads",
            "--negative", "--steps",
            "--cfg-scale", "--guidance-rescale", "--sampler", "--schedule", "--spacing", "--seed", "--rng", "--size",
            "--batch",
            "--clip-skip", "--clip-skip-negative", "--original-size", "--target-size", "--crop", "--aesthetic",
            "--aesthetic-negative",
            "--lora", "--embedding", "--hypernetwork", "--controlnet", "--control-image", "--refiner", "--refiner-at",
            "-o", "--noise",
            "--trace", "--dialect", "--zero-snr", "--denoising-end", "--denoising-start", "--preview", "--json",
            "--from", "--verbose",
            "--progress")) {
            assertTrue(txt2img.findOption(name) != null, name);
        }
    }

    @Test
    void completionNamesEveryCommand() {
        String script = CommandLineRun.ok("completion").out();
        Commands.names().forEach(name -> assertTrue(script.contains(name), name));
        assertTrue(script.contains("--cfg-scale") && script.contains("complete -F"), "a script for bash");
    }

    @Test
    void version() {
        assertTrue(CommandLineRun.ok("--version").out().startsWith("daguerre "), "version");
    }

    @Test
    void devicesSaysWhyOneIsMissing() {
        CommandLineRun run = CommandLineRun.ok("devices");
        for (String name : List.of("cuda", "cpu", "java", "emulated")) {
            assertTrue(run.out().lines().anyMatch(l -> l.matches(name + " +(yes|no) +\\S.*")), run.out());
        }
        assertTrue(CommandLineRun.ok("devices", "--json").out().contains("\"available\" : true"), "json");
    }

    @Test
    void infoDescribesModels() {
        String built = CommandLineRun.ok("info").out();
        assertTrue(built.contains("Stable Diffusion 1") && built.contains("unet"), built);
        String file = CommandLineRun.ok("info", Goldens.model("tiny-sdxl.safetensors").toString()).out();
        assertTrue(file.contains("Stable Diffusion XL") && file.contains("text_encoder_2"), file);
        String json = CommandLineRun.ok("info", "--json", Goldens.model("tiny-sd1.ckpt").toString()).out();
        assertTrue(json.contains("\"kind\" : \"diffusion model\""), json);
    }
}
