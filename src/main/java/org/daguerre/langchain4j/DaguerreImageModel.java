package org.daguerre.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.Response;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.Result;

/**
 * LangChain4j's image model over a session that the caller opened and goes on owning: it is never closed here, and may serve others at
 * the same time. Pictures come as base64 PNG with their parameters inside; the response's metadata holds {@value #SEEDS} and
 * {@value #PARAMETERS}, one entry per picture.
 *
 * <p>Every call draws a seed of its own unless the settings fix one. {@code edit} is image-to-image, or inpainting with a mask (white, or
 * the opaque strokes of a transparent picture, is repainted). Calls throw what {@link Daguerre#generate} throws, and
 * {@link IllegalArgumentException} for a picture that cannot be read.
 *
 * <pre>{@code
 * ImageModel model = new DaguerreImageModel(session, r -> r.size(512, 512).steps(30).seed(42));
 * Image picture = model.generate("a red circle").content();
 * }</pre>
 */
public final class DaguerreImageModel implements ImageModel {
    /** Key of the response's metadata: {@code List<Long>}. */
    public static final String SEEDS = "seeds";
    /** Key of the response's metadata: {@code List<String>}, A1111's text of all settings. */
    public static final String PARAMETERS = "parameters";

    private static final long SEED_BOUND = 1L << 32;

    private final Daguerre session;
    private final UnaryOperator<Request.Builder> settings;

    /** The model's default settings: 20 steps, the size it was trained on. */
    public DaguerreImageModel(Daguerre session) {
        this(session, r -> r);
    }

    /** @param settings applied to every request: size, seed, steps, sampler, negative prompt, strength of edits, ... */
    public DaguerreImageModel(Daguerre session, UnaryOperator<Request.Builder> settings) {
        this.session = Objects.requireNonNull(session, "session");
        this.settings = Objects.requireNonNull(settings, "settings");
    }

    @Override
    public Response<Image> generate(String prompt) {
        return first(run(request(prompt)));
    }

    /** @param n number of pictures, from consecutive seeds: 1..256 */
    @Override
    public Response<List<Image>> generate(String prompt, int n) {
        return run(request(prompt).batch(n));
    }

    @Override
    public Response<Image> edit(Image image, String prompt) {
        return first(run(request(prompt).image(GivenPicture.decode(image).onWhite().toRgb())));
    }

    @Override
    public Response<Image> edit(Image image, Image mask, String prompt) {
        return first(run(request(prompt).image(GivenPicture.decode(image).onWhite().toRgb()).mask(GivenPicture.decode(mask).asMask())));
    }

    private Request.Builder request(String prompt) {
        Request.Builder fresh = Request.builder(prompt).seed(ThreadLocalRandom.current().nextLong(SEED_BOUND));
        return settings.apply(fresh).batch(1);
    }

    private Response<List<Image>> run(Request.Builder request) {
        List<Result.Picture> pictures = session.generate(request.build()).pictures();
        List<Image> images = pictures.stream().map(DaguerreImageModel::toImage).toList();
        return Response.from(images, null, null, Map.of(SEEDS, pictures.stream().map(Result.Picture::seed).toList(),
            PARAMETERS, pictures.stream().map(Result.Picture::parameters).toList()));
    }

    private static Response<Image> first(Response<List<Image>> all) {
        return Response.from(all.content().get(0), all.tokenUsage(), all.finishReason(), all.metadata());
    }

    private static Image toImage(Result.Picture picture) {
        return Image.builder().base64Data(Base64.getEncoder().encodeToString(picture.toPng())).mimeType("image/png").build();
    }
}
