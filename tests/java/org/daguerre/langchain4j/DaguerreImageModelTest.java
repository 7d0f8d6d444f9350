package org.daguerre.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.image.DecodedImage;
import org.daguerre.image.ImageFiles;
import org.daguerre.image.PngWriter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The adapter through LangChain4j's own interface, with the built-in model. */
class DaguerreImageModelTest {
    private static final String PROMPT = "a red circle";
    private static Daguerre session;
    private static ImageModel model;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        session = Daguerre.open();
        model = new DaguerreImageModel(session, r -> r.size(64, 64).steps(3).seed(5));
    }

    @AfterAll
    static void close() {
        session.close();
    }

    @Test
    void givesThePictureOfTheSession() {
        byte[] direct = session.generate(Request.builder(PROMPT).size(64, 64).steps(3).seed(5).build()).picture().toPng();
        Response<Image> response = model.generate(PROMPT);
        assertEquals("image/png", response.content().mimeType());
        assertArrayEquals(direct, bytes(response.content()));
        assertEquals(List.of(5L), response.metadata().get(DaguerreImageModel.SEEDS));
        assertTrue(response.metadata().get(DaguerreImageModel.PARAMETERS).toString().contains("Seed: 5"));
    }

    @Test
    void severalPicturesHaveConsecutiveSeeds() {
        Response<List<Image>> response = model.generate(PROMPT, 3);
        assertEquals(List.of(5L, 6L, 7L), response.metadata().get(DaguerreImageModel.SEEDS));
        assertArrayEquals(bytes(model.generate(PROMPT).content()), bytes(response.content().get(0)));
        assertFalse(Arrays.equals(bytes(response.content().get(0)), bytes(response.content().get(1))));
        assertThrows(IllegalArgumentException.class, () -> model.generate(PROMPT, 0));
        assertThrows(IllegalArgumentException.class, () -> model.generate(" "));
    }

    @Test
    void drawsASeedWhereNoneIsSet() {
        ImageModel free = new DaguerreImageModel(session, r -> r.size(64, 64).steps(1));
        assertNotEquals(free.generate(PROMPT).metadata().get(DaguerreImageModel.SEEDS),
            free.generate(PROMPT).metadata().get(DaguerreImageModel.SEEDS));
    }

    @Test
    void editsStartFromThePicture() throws IOException {
        Image start = model.generate("a blue square").content();
        ImageModel weak = new DaguerreImageModel(session, r -> r.steps(10).strength(0.1).seed(5));
        ImageModel strong = new DaguerreImageModel(session, r -> r.steps(10).strength(1).seed(5));
        double little = distance(start, weak.edit(start, PROMPT).content());
        double much = distance(start, strong.edit(start, PROMPT).content());
        assertTrue(little < much, "changed by " + little + " at strength 0.1 and by " + much + " at strength 1");
        Path file = Files.write(folder.resolve("start.png"), bytes(start));
        byte[] expected = bytes(weak.edit(start, PROMPT).content());
        assertArrayEquals(expected, bytes(weak.edit(Image.builder().url(file.toUri()).build(), PROMPT).content()));
        assertArrayEquals(expected, bytes(weak.edit(Image.builder().url("data:image/png;base64," + start.base64Data()).build(), PROMPT)
            .content()));
    }

    @Test
    void aMaskKeepsTheRest() throws IOException {
        Image start = model.generate("a blue square").content();
        org.daguerre.image.Image right = org.daguerre.image.Image.zeros(1, 64, 64);
        for (int y = 0; y < 64; y++) {
            Arrays.fill(right.planes(), right.index(0, y, 32), right.index(0, y, 32) + 32, 1f);
        }
        Image mask = Image.builder().base64Data(Base64.getEncoder().encodeToString(PngWriter.toBytes(right.toRgb(), Map.of())))
            .build();
        ImageModel strong = new DaguerreImageModel(session, r -> r.steps(4).strength(1).seed(9));
        org.daguerre.image.Image before = decode(start).color();
        org.daguerre.image.Image after = decode(strong.edit(start, mask, PROMPT).content()).color();
        double left = difference(before, after, 0, 24);
        double changed = difference(before, after, 40, 64);
        assertTrue(left < 0.02 && changed > 2 * left, "mean change outside the mask " + left + ", inside " + changed);
    }

    @Test
    void refusesPicturesItCannotRead() {
        Image web = Image.builder().url("https://example.org/a.png").build();
        assertTrue(refused(web).contains("https"));
        assertTrue(refused(Image.builder().base64Data("!").build()).contains("edit"));
        assertTrue(refused(Image.builder().base64Data("AAAA").build()).contains("PNG"));
        assertTrue(refused(Image.builder().url("data:text/plain,hello").build()).contains("base64"));
        assertTrue(refused(Image.builder().url(folder.resolve("none.png").toUri()).build()).contains("none.png"));
        assertTrue(refused(Image.builder().build()).contains("neither"));
    }

    @Test
    void leavesTheSessionOpen() {
        new DaguerreImageModel(session, r -> r.size(64, 64).steps(1)).generate(PROMPT);
        assertEquals(1, session.generate(Request.builder(PROMPT).size(64, 64).steps(1).build()).pictures().size());
        assertFalse(AutoCloseable.class.isAssignableFrom(DaguerreImageModel.class));
    }

    private static String refused(Image image) {
        return assertThrows(IllegalArgumentException.class, () -> model.edit(image, PROMPT)).getMessage();
    }

    private static byte[] bytes(Image image) {
        return Base64.getDecoder().decode(image.base64Data());
    }

    private static DecodedImage decode(Image image) throws IOException {
        return ImageFiles.decode(bytes(image), "picture");
    }

    private static double distance(Image a, Image b) throws IOException {
        return difference(decode(a).color(), decode(b).color(), 0, 64);
    }

    private static double difference(org.daguerre.image.Image a, org.daguerre.image.Image b, int from, int to) {
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < a.height(); y++) {
                for (int x = from; x < to; x++) {
                    sum += Math.abs(a.at(c, y, x) - b.at(c, y, x));
                }
            }
        }
        return sum / (3.0 * a.height() * (to - from));
    }
}
