package org.daguerre;

import java.nio.file.Path;
import java.util.Objects;
import org.daguerre.image.Image;

/**
 * One ControlNet with its picture.
 *
 * @param model file or diffusers folder
 * @param image what the net was trained to read (edges, depth, pose, ...), resized to the picture if need be
 * @param scale multiplies its residuals
 * @param start fraction of the steps from which it works, 0..1
 * @param end   fraction of the steps until which it works, 0..1
 * @param mode  how it shares the picture with the prompt
 */
public record Control(Path model, Image image, double scale, double start, double end, Mode mode) {
    /** How a net shares the picture with the prompt, as A1111 words it. */
    public enum Mode {
        /** All residuals with the same scale, on all rows. */
        BALANCED,
        /** "My prompt is more important": residuals grow from a tenth of the scale at the first to all of it in the middle. */
        PROMPT,
        /**
         * "ControlNet is more important", diffusers' guess mode: residuals as with {@link #PROMPT}, and only where the positive prompt
         * is; guidance then strengthens the net as it strengthens the prompt, so that it works without any prompt.
         */
        CONTROL
    }

    public Control {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(mode, "mode");
        if (!Double.isFinite(scale)) {
            throw new IllegalArgumentException("control scale: expected a finite number, found " + scale);
        }
        if (!(start >= 0 && start <= end && end <= 1)) {
            throw new IllegalArgumentException("control start and end: expected 0 <= start <= end <= 1, found " + start + " and " + end);
        }
    }

    public Control(Path model, Image image, double scale, double start, double end) {
        this(model, image, scale, start, end, Mode.BALANCED);
    }

    public Control(Path model, Image image, double scale) {
        this(model, image, scale, 0, 1);
    }
}
