package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.daguerre.image.Image;
import org.daguerre.image.ImageFiles;
import org.daguerre.image.Metrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of the README that start from {@code docs/pictures}, run as they stand there: each picture shows what the
 * README says, by colour and position, and looks like the one that is printed there.
 */
class ReadmePicturesTest {
    private static final Path PICTURES = Path.of("docs/pictures");

    @TempDir
    Path folder;

    /** Runs the README's one command that writes this file, but into {@link #folder}. */
    private Image made(String name) throws Exception {
        List<String> commands = Files.readAllLines(Path.of("README.md")).stream()
            .filter(l -> l.startsWith("./daguerre ") && l.contains(" docs/pictures/")
                && l.endsWith(" -o " + name)).toList();
        assertEquals(1, commands.size(), "commands for " + name);
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(commands.get(0));
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2));
        }
        words.remove(0);
        words.set(words.size() - 1, folder.resolve(name).toString());
        CommandLineRun.ok(words.toArray(String[]::new));
        Image image = ImageFiles.read(folder.resolve(name));
        double psnr = Metrics.psnr(ImageFiles.read(PICTURES.resolve(name)).toRgb(), image);
        // Engines and types round differently: the picture of another one may differ a little from that of cpu in bf16.
        assertTrue(psnr >= 28, name + ": PSNR " + psnr + " to the README's picture");
        return image;
    }

    private static boolean red(Image p, int x, int y) {
        return p.at(0, y, x) > 0.7 && p.at(1, y, x) < 0.4 && p.at(2, y, x) < 0.4;
    }

    private static boolean white(Image p, int x, int y) {
        return p.at(0, y, x) > 0.85 && p.at(1, y, x) > 0.85 && p.at(2, y, x) > 0.85;
    }

    @Test
    void lowStrengthKeepsTheSquare() throws Exception {
        Image p = made("star-0.3.png");
        assertTrue(red(p, 40, 40) && red(p, 60, 20) && red(p, 60, 60), "red where the square was drawn");
        assertTrue(white(p, 100, 40) && white(p, 40, 100) && white(p, 100, 100), "white elsewhere");
    }

    @Test
    void highStrengthFollowsThePrompt() throws Exception {
        Image p = made("star-0.9.png");
        assertTrue(red(p, 64, 60), "a star in the middle");
        assertTrue(white(p, 20, 20) && white(p, 40, 30) && white(p, 64, 100), "neither square nor anything between the points");
    }

    @Test
    void inpaintingDrawsInTheMaskAndLeavesTheRest() throws Exception {
        Image before = ImageFiles.read(PICTURES.resolve("square.png")).toRgb();
        Image mask = ImageFiles.read(PICTURES.resolve("mask.png")).toGrey();
        Image p = made("circle.png");
        assertTrue(p.at(1, 97, 97) > p.at(0, 97, 97) + 0.3 && p.at(1, 97, 97) > p.at(2, 97, 97) + 0.2, "green in the mask");
        int kept = 0;
        for (int y = 0; y < 128; y++) {
            for (int x = 0; x < 128; x++) {
                for (int c = 0; c < 3 && mask.at(0, y, x) == 0; c++) {
                    assertEquals(before.at(c, y, x), p.at(c, y, x), "channel " + c + " at " + x + ", " + y);
                    kept++;
                }
            }
        }
        assertEquals(3 * (128 * 128 - 54 * 54), kept);
    }
}
