package org.daguerre.springai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.image.Image;
import org.daguerre.image.ImageFiles;
import org.daguerre.image.PngWriter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.content.Media;
import org.springframework.ai.image.ImageGeneration;
import org.springframework.ai.image.ImageMessage;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImageOptions;
import org.springframework.ai.image.ImageOptionsBuilder;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.util.MimeTypeUtils;

/** The adapter through Spring AI's own interface, with the built-in model. */
class DaguerreImageModelTest {
    private static final String PROMPT = "a red circle";
    private static Daguerre session;
    private static ImageModel model;

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
        ImageResponse response = model.call(new ImagePrompt(PROMPT));
        assertEquals(1, response.getResults().size());
        assertArrayEquals(direct, bytes(response.getResult()));
        assertEquals(5, metadata(response.getResult()).seed());
        assertTrue(metadata(response.getResult()).parameters().contains("Seed: 5"));
    }

    @Test
    void takesTheOptionsOfThePrompt() throws IOException {
        ImageOptions portable = ImageOptionsBuilder.builder().n(2).width(80).height(72).responseFormat("b64_json").build();
        List<ImageGeneration> two = model.call(new ImagePrompt(PROMPT, portable)).getResults();
        assertEquals(List.of(5L, 6L), two.stream().map(g -> metadata(g).seed()).toList());
        Image picture = ImageFiles.decode(bytes(two.get(1)), "picture").color();
        assertEquals("80x72", picture.width() + "x" + picture.height());

        ImageOptions own = DaguerreImageOptions.builder().n(1).seed(77).size(64, 72).settings(r -> r.steps(2)).build();
        ImageGeneration one = model.call(new ImagePrompt(PROMPT, own)).getResult();
        assertArrayEquals(session.generate(Request.builder(PROMPT).size(64, 72).steps(2).seed(77).build()).picture().toPng(), bytes(one));
    }

    @Test
    void refusesOptionsThatItCannotServe() {
        assertTrue(refused(ImageOptionsBuilder.builder().model("another").build()).contains("model"));
        assertTrue(refused(ImageOptionsBuilder.builder().style("vivid").build()).contains("style"));
        assertTrue(refused(ImageOptionsBuilder.builder().responseFormat("url").build()).contains("response format"));
        assertTrue(refused(ImageOptionsBuilder.builder().n(0).build()).contains("batch"));
        assertTrue(refused(ImageOptionsBuilder.builder().width(65).height(64).build()).contains("size"));
        assertTrue(refused(DaguerreImageOptions.builder().seed(-1).build()).contains("seed"));
    }

    @Test
    void drawsASeedWhereNoneIsSet() {
        ImageModel free = new DaguerreImageModel(session, r -> r.size(64, 64).steps(1));
        assertNotEquals(metadata(free.call(new ImagePrompt(PROMPT)).getResult()).seed(),
            metadata(free.call(new ImagePrompt(PROMPT)).getResult()).seed());
    }

    @Test
    void weightedMessagesAreAComposedPrompt() {
        List<ImageMessage> parts = List.of(new ImageMessage(PROMPT), new ImageMessage("a blue square", 0.5f));
        byte[] composed = bytes(model.call(new ImagePrompt(parts)).getResult());
        String prompt = PROMPT + " :1.0000 AND a blue square :0.5000";
        assertArrayEquals(session.generate(Request.builder(prompt).size(64, 64).steps(3).seed(5).build()).picture().toPng(), composed);
        assertThrows(IllegalArgumentException.class, () -> model.call(new ImagePrompt(new ImageMessage(PROMPT, 0.5f), null)));
        assertThrows(IllegalArgumentException.class, () -> model.call(new ImagePrompt(List.<ImageMessage>of())));
    }

    @Test
    void mediaAreTheStartPictureAndTheMask() {
        byte[] start = bytes(model.call(new ImagePrompt("a blue square")).getResult());
        Image white = Image.filled(1, 64, 64, 1);
        Arrays.fill(white.planes(), 0, 64 * 32, 0f);
        byte[] mask = PngWriter.toBytes(white.toRgb(), Map.of());
        byte[] edited = bytes(model.call(prompt(start)).getResult());
        byte[] inpainted = bytes(model.call(prompt(start, mask)).getResult());
        Request.Builder direct = Request.builder(PROMPT).size(64, 64).steps(3).seed(5).image(decode(start));
        assertArrayEquals(session.generate(direct.build()).picture().toPng(), edited);
        assertArrayEquals(session.generate(direct.mask(white).build()).picture().toPng(), inpainted);
        assertThrows(IllegalArgumentException.class, () -> model.call(prompt(start, mask, mask)));
        assertThrows(IllegalArgumentException.class, () -> model.call(prompt(new byte[] {1, 2, 3})));
    }

    @Test
    void leavesTheSessionOpen() {
        model.call(new ImagePrompt(PROMPT));
        assertEquals(1, session.generate(Request.builder(PROMPT).size(64, 64).steps(1).build()).pictures().size());
    }

    private static ImagePrompt prompt(byte[]... pictures) {
        List<Media> media = Arrays.stream(pictures).map(p -> Media.builder().mimeType(MimeTypeUtils.IMAGE_PNG).data(p).build()).toList();
        return new ImagePrompt(new ImageMessage(PROMPT, null, media, Map.of()), null);
    }

    private static String refused(ImageOptions options) {
        return assertThrows(IllegalArgumentException.class, () -> model.call(new ImagePrompt(PROMPT, options))).getMessage();
    }

    private static DaguerreImageMetadata metadata(ImageGeneration generation) {
        return (DaguerreImageMetadata) generation.getMetadata();
    }

    private static byte[] bytes(ImageGeneration generation) {
        return Base64.getDecoder().decode(generation.getOutput().getB64Json());
    }

    private static Image decode(byte[] png) {
        try {
            return ImageFiles.decode(png, "picture").color();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
