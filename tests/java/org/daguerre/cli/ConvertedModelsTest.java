package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.image.Image;
import org.daguerre.testing.Goldens;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** {@code daguerre convert} as users meet it: what it writes opens again and makes the same pictures. */
class ConvertedModelsTest {
    @TempDir
    Path folder;

    /** Every family: folder to single file, single file to folder, folder to folder. */
    @TestFactory
    Stream<DynamicTest> converted() {
        return Stream.of("tiny-sd1", "tiny-sd2v", "tiny-sdxl", "tiny-sdxl-refiner", "tiny-inpaint", "tiny-depth")
            .map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
    }

    private void check(String name) throws Exception {
        Path model = Goldens.model(name);
        Path file = folder.resolve(name + ".safetensors");
        Path fromFile = folder.resolve(name + "-from-file");
        Path fromFolder = folder.resolve(name + "-from-folder");
        CommandLineRun.ok("convert", model.toString(), file.toString());
        CommandLineRun.ok("convert", file.toString(), fromFile.toString(), "--config", model.toString());
        CommandLineRun.ok("convert", model.toString(), fromFolder.toString());
        float[] expected = picture(model, Optional.empty());
        assertArrayEquals(expected, picture(file, Optional.of(model)), "single file");
        assertArrayEquals(expected, picture(fromFile, Optional.empty()), "folder made from the single file");
        assertArrayEquals(expected, picture(fromFolder, Optional.empty()), "folder made from the folder");
        String says = CommandLineRun.ok("info", model.toString()).out().lines().skip(1).findFirst().orElseThrow();
        for (Path made : new Path[] {file, fromFile, fromFolder}) {
            String info = CommandLineRun.ok("info", made.toString()).out();
            assertTrue(info.contains(says), info + "\nexpected the line\n" + says);
            assertFalse(info.contains("unknown"), info);
        }
        assertTrue(Files.exists(fromFile.resolve("scheduler/scheduler_config.json")));
    }

    private static float[] picture(Path model, Optional<Path> config) {
        Request.Builder b = Request.builder("a red cat").negative("blurry").size(64, 64).steps(2).seed(6);
        String name = config.orElse(model).getFileName().toString();
        float[] ramp = new float[64 * 64];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = i % 64 / 63f;
        }
        Image grey = Image.of(1, 64, 64, ramp);
        if (!name.matches("tiny-(sd1|sd2v|sdxl)(-from-.*)?")) {
            b.image(grey.toRgb()).strength(0.9);
        }
        if (name.startsWith("tiny-inpaint")) {
            b.mask(grey);
        } else if (name.startsWith("tiny-depth")) {
            b.depthMap(grey);
        }
        Daguerre.Builder sd = Daguerre.builder().model(model).device("java");
        config.ifPresent(sd::config);
        try (Daguerre open = sd.open()) {
            return open.generate(b.build()).picture().pixels().planes();
        }
    }

    /** Python's -Infinity in a scheduler's configuration stays what it is. */
    @Test
    void schedulersWithInfinity() throws Exception {
        Path model = copy(Goldens.model("tiny-sd1"), folder.resolve("model"));
        Path scheduler = model.resolve("scheduler/scheduler_config.json");
        String json = Files.readString(scheduler);
        Files.writeString(scheduler, "{\"lambda_min_clipped\": -Infinity," + json.substring(json.indexOf('{') + 1));
        float[] expected = picture(Goldens.model("tiny-sd1"), Optional.empty());
        assertArrayEquals(expected, picture(model, Optional.of(Goldens.model("tiny-sd1"))));
        Path again = folder.resolve("again");
        CommandLineRun.ok("convert", model.toString(), again.toString());
        String written = Files.readString(again.resolve("scheduler/scheduler_config.json"));
        assertTrue(written.matches("(?s).*\"lambda_min_clipped\" : -Infinity\\b.*"), written);
    }

    private static Path copy(Path from, Path to) throws Exception {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path p : files.toList()) {
                Files.copy(p, to.resolve(from.relativize(p).toString()));
            }
        }
        return to;
    }
}
