package org.daguerre.image;

import java.util.Optional;

/**
 * What a picture file held: colour (1 or 3 channels, not multiplied by alpha) and, where the file has one, the alpha
 * channel (1 = opaque).
 */
public record DecodedImage(Image color, Optional<Image> alpha) {
    /** The picture over a white page. */
    public Image onWhite() {
        return alpha.map(a -> over(color, a)).orElse(color);
    }

    /** 1 where the picture is transparent, if any pixel is: the place to repaint of a picture with a hole. */
    public Optional<Image> transparency() {
        if (alpha.isEmpty() || isOpaque(alpha.get())) {
            return Optional.empty();
        }
        Image mask = Images.copy(alpha.get());
        for (int i = 0; i < mask.planes().length; i++) {
            mask.planes()[i] = 1f - mask.planes()[i];
        }
        return Optional.of(mask);
    }

    /**
     * As a mask, 1 = repaint. A file that is transparent somewhere carries its mask in alpha (opaque strokes are the
     * mask, whatever their colour), any other file in its brightness.
     */
    public Image asMask() {
        return alpha.filter(a -> !isOpaque(a)).orElseGet(color::toGrey);
    }

    private static boolean isOpaque(Image alpha) {
        for (float a : alpha.planes()) {
            if (a < 1f) {
                return false;
            }
        }
        return true;
    }

    private static Image over(Image color, Image alpha) {
        Image out = Images.copy(color);
        int pixels = alpha.planes().length;
        for (int i = 0; i < out.planes().length; i++) {
            float a = alpha.planes()[i % pixels];
            out.planes()[i] = a == 1f ? color.planes()[i] : color.planes()[i] * a + (1f - a);
        }
        return out;
    }
}
