package org.daguerre;

import java.awt.image.BufferedImage;

/**
 * One finished step of a request.
 *
 * @param step      1 for the first one
 * @param steps     how many there will be
 * @param sigma     noise level before the step, per unit of signal
 * @param timestep  training timestep of the step, 0..1000
 * @param secondsLeft estimate of the time until the last step
 * @param preview   renders the current estimate of the final picture
 */
public record Progress(int step, int steps, double sigma, double timestep, double secondsLeft, Preview preview) {

    /** Renders the picture as it stands; usable only during the listener's call. */
    @FunctionalInterface
    public interface Preview {
        /** @param image index within the batch; a small picture, one pixel per latent, or a full one from TAESD where that was given */
        BufferedImage render(int image);
    }
}
