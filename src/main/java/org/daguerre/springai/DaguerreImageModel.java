package org.daguerre.springai;

import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.Size;
import org.springframework.ai.image.Image;
import org.springframework.ai.image.ImageGeneration;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImageOptions;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;

/**
 * Spring AI's image model over a session that the caller opened and goes on owning: it is never closed here, and may serve others at the
 * same time. Pictures come as base64 PNG with their parameters inside, and with {@link DaguerreImageMetadata}.
 *
 * <p>Several messages are parts of a composed prompt with their weights. A first picture among the messages' media starts image-to-image,
 * a second one is the mask of inpainting. Options that mean nothing here (another model, a style, a format other than base64) are
 * refused with {@link IllegalArgumentException}; otherwise calls throw what {@link Daguerre#generate} throws.
 *
 * <pre>{@code
 * ImageModel model = new DaguerreImageModel(session, r -> r.steps(30));
 * ImageResponse response = model.call(new ImagePrompt("a red circle", DaguerreImageOptions.builder().seed(42).build()));
 * }</pre>
 */
public final class DaguerreImageModel implements ImageModel {
    private static final long SEED_BOUND = 1L << 32;

    private final Daguerre session;
    private final UnaryOperator<Request.Builder> settings;

    /** The model's default settings: 20 steps, the size it was trained on. */
    public DaguerreImageModel(Daguerre session) {
        this(session, r -> r);
    }

    /** @param settings applied to every request before the prompt's own options */
    public DaguerreImageModel(Daguerre session, UnaryOperator<Request.Builder> settings) {
        this.session = Objects.requireNonNull(session, "session");
        this.settings = Objects.requireNonNull(settings, "settings");
    }

    @Override
    public ImageResponse call(ImagePrompt prompt) {
        PromptMessages messages = new PromptMessages(prompt.getInstructions());
        Request.Builder request = Request.builder(messages.text()).seed(ThreadLocalRandom.current().nextLong(SEED_BOUND));
        request = messages.addPictures(settings.apply(request));
        if (prompt.getOptions() != null) {
            request = apply(prompt.getOptions(), request);
        }
        Result result = session.generate(request.build());
        return new ImageResponse(result.pictures().stream().map(DaguerreImageModel::toGeneration).toList());
    }

    private Request.Builder apply(ImageOptions options, Request.Builder request) {
        refuse("model", options.getModel(), List.of(session.family()));
        refuse("response format", options.getResponseFormat(), List.of("b64_json"));
        refuse("style", options.getStyle(), List.of());
        Request.Builder changed = request;
        if (options instanceof DaguerreImageOptions own) {
            if (own.getSeed() != null) {
                changed.seed(own.getSeed());
            }
            changed = own.settings().apply(changed);
        }
        if (options.getN() != null) {
            changed.batch(options.getN());
        }
        if (options.getWidth() != null || options.getHeight() != null) {
            Size normal = session.defaultSize();
            changed.size(Objects.requireNonNullElse(options.getWidth(), normal.width()),
                Objects.requireNonNullElse(options.getHeight(), normal.height()));
        }
        return changed;
    }

    private static void refuse(String option, String found, List<String> possible) {
        if (found != null && !found.isEmpty() && !possible.contains(found)) {
            throw new IllegalArgumentException(option + ": expected none" + (possible.isEmpty() ? "" : " or " + possible.get(0))
                + ", found " + found);
        }
    }

    private static ImageGeneration toGeneration(Result.Picture picture) {
        String data = Base64.getEncoder().encodeToString(picture.toPng());
        return new ImageGeneration(new Image(null, data), new DaguerreImageMetadata(picture.seed(), picture.parameters()));
    }
}
