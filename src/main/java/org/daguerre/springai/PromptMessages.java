package org.daguerre.springai;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.daguerre.Request;
import org.daguerre.image.DecodedImage;
import org.daguerre.image.ImageFiles;
import org.springframework.ai.content.Media;
import org.springframework.ai.image.ImageMessage;

/** From Spring AI's messages to a prompt and its pictures. */
final class PromptMessages {
    private final List<ImageMessage> messages;

    PromptMessages(List<ImageMessage> messages) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("image prompt: expected at least one message, found none");
        }
        this.messages = messages;
    }

    /** One message as it is; several become parts of a composed prompt ({@code a AND b :0.5}) with their weights. */
    String text() {
        if (messages.size() == 1) {
            ImageMessage only = messages.get(0);
            if (only.getWeight() != null && only.getWeight() != 1) {
                throw new IllegalArgumentException("image prompt: expected weight 1 of a single message, found " + only.getWeight());
            }
            return only.getText();
        }
        return messages.stream().map(PromptMessages::part).collect(Collectors.joining(" AND "));
    }

    private static String part(ImageMessage message) {
        float weight = message.getWeight() == null ? 1 : message.getWeight();
        if (!Float.isFinite(weight)) {
            throw new IllegalArgumentException("image prompt: expected a finite weight, found " + weight);
        }
        return message.getText() + " :" + String.format(Locale.ROOT, "%.4f", weight);
    }

    /** The first picture among the messages is where to start, the second one the mask. */
    Request.Builder addPictures(Request.Builder request) {
        List<Media> media = new ArrayList<>();
        messages.forEach(m -> media.addAll(m.getMedia()));
        if (media.size() > 2) {
            throw new IllegalArgumentException("image prompt: expected a start picture and a mask at most, found " + media.size()
                + " pictures");
        }
        if (media.size() > 0) {
            request.image(decode(media.get(0)).onWhite().toRgb());
        }
        if (media.size() > 1) {
            request.mask(decode(media.get(1)).asMask());
        }
        return request;
    }

    private static DecodedImage decode(Media media) {
        if (!(media.getData() instanceof byte[] bytes)) {
            throw new IllegalArgumentException("image prompt: expected a picture as bytes, found an address; nothing is fetched from a "
                + "network");
        }
        try {
            return ImageFiles.decode(bytes, "in the image prompt");
        } catch (IOException e) {
            throw new IllegalArgumentException("image prompt: " + e.getMessage(), e);
        }
    }
}
