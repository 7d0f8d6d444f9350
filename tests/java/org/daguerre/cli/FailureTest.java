package org.daguerre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.daguerre.image.Image;
import org.daguerre.image.PngWriter;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.testing.Goldens;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.SafetensorsWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Failures end with code 1 and one line, and leave nothing behind. */
class FailureTest {
    private static final String UNET = "unet/diffusion_pytorch_model.safetensors";

    @TempDir
    Path folder;

    private Path model;
    private Path picture;

    @BeforeEach
    void copyModel() throws IOException {
        model = folder.resolve("model");
        Path source = Goldens.model("tiny-sd1");
        try (Stream<Path> all = Files.walk(source)) {
            for (Path p : all.toList()) {
                Files.copy(p, model.resolve(source.relativize(p).toString()));
            }
        }
        Files.createDirectory(folder.resolve("out"));
        picture = folder.resolve("out/picture.png");
    }

    private void fails(String message, String... args) {
        List<String> before = CommandLineRun.contents(folder);
        CommandLineRun run = CommandLineRun.of(args);
        assertEquals(1, run.code(), Arrays.toString(args) + run.err());
        assertEquals("", run.out());
        String last = run.err().lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.startsWith("daguerre ") && last.contains(message), run.err());
        assertTrue(run.err().lines().filter(l -> l.startsWith("daguerre ")).count() == 1
            && !run.err().contains("\tat "), run.err());
        assertEquals(before, CommandLineRun.contents(folder));
    }

    private void generateFails(String message) {
        fails(message, "a cat", "--model", model.toString(), "--steps", "1", "-o", picture.toString(), "--trace",
            folder.resolve("out/trace.safetensors").toString());
    }

    private void rewriteHeader(String header, int data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer b = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(model.resolve(UNET), b.putLong(text.length).put(text).array());
    }

    @Test
    void truncatedWeights() throws IOException {
        byte[] bytes = Files.readAllBytes(model.resolve(UNET));
        Files.write(model.resolve(UNET), Arrays.copyOf(bytes, bytes.length - 1));
        generateFails(UNET);
    }

    @Test
    void oversizedHeader() throws IOException {
        Files.write(model.resolve(UNET), ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(1L << 40)
            .put((byte) '{').array());
        generateFails(UNET);
    }

    @Test
    void overlappingTensors() throws IOException {
        rewriteHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12);
        generateFails(UNET);
    }

    @Test
    void wrongType() throws IOException {
        rewriteHeader("{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
        generateFails("F33");
    }

    @Test
    void missingTensor() throws IOException {
        Path file = model.resolve(UNET);
        Path changed = folder.resolve("changed");
        try (Checkpoint c = Checkpoints.open(file)) {
            SafetensorsWriter.write(changed, c.names().stream().filter(n -> !n.equals("conv_out.bias")).map(c::tensor)
                .toList(), Map.of());
        }
        Files.delete(file);
        Files.move(changed, file);
        generateFails("conv_out.bias");
    }

    @Test
    void folderWithoutIndex() throws IOException {
        Files.delete(model.resolve("model_index.json"));
        generateFails("model_index.json");
    }

    @Test
    void noModel() {
        fails("nosuch", "a cat", "--model", folder.resolve("nosuch").toString(), "-o", picture.toString());
    }

    /** Found before the work, not after it: the model here does not exist, and is not asked for. */
    @Test
    void unwritableOutputs() throws IOException {
        String model = folder.resolve("nosuch").toString();
        String nowhere = folder.resolve("nowhere/x.png").toString();
        fails("-o: cannot write " + nowhere, "a cat", "-m", model, "-o", nowhere);
        fails("--trace: cannot write", "a cat", "-m", model, "-o", picture.toString(), "--trace", nowhere);
        fails("--preview: cannot write", "a cat", "-m", model, "-o", picture.toString(), "--preview", nowhere);
        Path taken = Files.createDirectory(folder.resolve("taken"));
        fails("found the folder", "a cat", "-m", model, "-o", picture.toString(), "--trace", taken.toString());
        fails("-o: cannot write", "upscale", picture(), "-u", model, "-o", nowhere);
        fails("-o: cannot write", "grid", "a cat", "-m", model, "--x", "steps=1,2", "-o", nowhere);
        fails("OUT: cannot write", "convert", this.model.toString(), folder.resolve("nowhere/x.safetensors")
            .toString());
    }

    private String picture() throws IOException {
        Path file = folder.resolve("input.png");
        PngWriter.write(file, Image.filled(3, 64, 64, 0.5f), Map.of());
        return file.toString();
    }

    @Test
    void brokenPictures() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.png"), "not a picture");
        fails("read picture", "img2img", broken.toString(), "a cat", "-m", model.toString(), "-o", picture.toString());
        fails("no such file", "img2img", folder.resolve("nosuch.png").toString(), "a cat", "-o", picture.toString());
        fails("no such file", "a cat", "--controlnet", "x", "--control-image", folder.resolve("nosuch.png").toString());
        fails("expected a picture with its parameters, found no text", "info", picture());
    }

    @Test
    void notAnUpscaler() throws IOException {
        fails("expected an upscaler of the ESRGAN family, found diffusion model", "upscale", picture(), "-u",
            Goldens.model("tiny-sd1.safetensors").toString(), "-o", picture.toString());
    }

    @Test
    void noiseOfTheWrongShape() throws IOException {
        Path noise = folder.resolve("noise.safetensors");
        SafetensorsWriter.write(noise, List.of(HostTensor.of("noise", Shape.of(1, 4, 2, 2),
            new float[16])), Map.of());
        List<String> before = CommandLineRun.contents(folder);
        CommandLineRun run = CommandLineRun.of("a cat", "-m", model.toString(), "--steps", "1", "-o",
            picture.toString(), "--noise",
            noise.toString());
        assertTrue(run.code() == 2 && run.err().contains("[1, 4, 2, 2]"), run.err());
        assertEquals(before, CommandLineRun.contents(folder));
    }

    @Test
    void interruptedAfterTheFirstStep() {
        List<String> before = CommandLineRun.contents(folder);
        AtomicInteger asked = new AtomicInteger();
        CommandLineRun run = CommandLineRun.cancelled(() -> asked.incrementAndGet() > 1, "a cat", "-m",
            model.toString(), "--steps",
            "50", "-o", picture.toString());
        assertEquals(130, run.code(), run.err());
        assertTrue(run.err().endsWith("interrupted" + System.lineSeparator()), run.err());
        assertTrue(asked.get() <= 3, asked.get() + " steps");
        assertEquals(before, CommandLineRun.contents(folder));
    }
}
