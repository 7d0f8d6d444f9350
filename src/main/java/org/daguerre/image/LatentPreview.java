package org.daguerre.image;

import java.awt.image.BufferedImage;

/**
 * A rough picture of latents without the VAE: each colour is a linear combination of the four latent channels. The
 * latents are those the U-Net sees (multiplied by the scaling factor), the size is an eighth of the picture's.
 */
public enum LatentPreview {
    /** SD 1 and 2; discuss.huggingface.co, "Decoding latents to RGB without upscaling" (23204). */
    SD(new float[][] {
        {0.298f, 0.207f, 0.208f}, {0.187f, 0.286f, 0.173f}, {-0.158f, 0.189f, 0.264f}, {-0.184f, -0.271f, -0.473f}}),
    /** SDXL; the factors published with ComfyUI ({@code comfy/latent_formats.py}). */
    SDXL(new float[][] {
        {0.3920f, 0.4054f, 0.4549f}, {-0.2634f, -0.0196f, 0.0653f}, {0.0568f, 0.1687f, -0.0755f},
        {-0.3112f, -0.2359f, -0.2076f}});

    private static final int CHANNELS = 4;

    private final float[][] factors;

    LatentPreview(float[][] factors) {
        this.factors = factors;
    }

    /** Latents [4, height, width], starting at {@code offset} of a batch, as a picture of the same size. */
    public Image toImage(float[] latents, int offset, int height, int width) {
        int pixels = height * width;
        if (offset < 0 || latents.length - (long) offset < (long) CHANNELS * pixels) {
            throw new IllegalArgumentException("latent preview: expected " + CHANNELS * pixels + " values from "
                    + offset + " on, found " + latents.length + " in all");
        }
        Image out = Image.zeros(3, height, width);
        for (int c = 0; c < 3; c++) {
            for (int p = 0; p < pixels; p++) {
                float v = 0;
                for (int k = 0; k < CHANNELS; k++) {
                    v += factors[k][c] * latents[offset + k * pixels + p];
                }
                out.planes()[c * pixels + p] = Math.max(0f, Math.min(1f, ValueRange.SIGNED.toUnit(v)));
            }
        }
        return out;
    }

    /**
     * Latents [4, height, width] as a picture enlarged {@code scale} times (8 gives the size of the final picture).
     *
     * @throws IllegalArgumentException if a latent is not a number
     */
    public BufferedImage render(float[] latents, int height, int width, int scale) {
        Image small = toImage(latents, 0, height, width);
        return AwtImages.toBuffered(Interpolate.bilinear(small, width * scale, height * scale, false));
    }
}
