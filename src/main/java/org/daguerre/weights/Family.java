package org.daguerre.weights;

/** Which line of Stable Diffusion a model belongs to, and the published numbers that its weights do not show. */
public enum Family {
    SD1("Stable Diffusion 1", 768, 64, 0.18215),
    SD2("Stable Diffusion 2", 1024, 64, 0.18215),
    SDXL("Stable Diffusion XL", 2048, 128, 0.13025),
    SDXL_REFINER("Stable Diffusion XL refiner", 1280, 128, 0.13025),
    UNKNOWN("unknown", 0, 64, 0.18215);

    private final String title;
    private final int contextWidth;
    private final int latentSize;
    private final double vaeScale;

    Family(String title, int contextWidth, int latentSize, double vaeScale) {
        this.title = title;
        this.contextWidth = contextWidth;
        this.latentSize = latentSize;
        this.vaeScale = vaeScale;
    }

    /** Name for people. */
    public String title() {
        return title;
    }

    /** Width of the text features that cross attention reads. */
    public int contextWidth() {
        return contextWidth;
    }

    /** Side of the latent image it was trained on. */
    public int latentSize() {
        return latentSize;
    }

    /** Factor between the autoencoder's latents and those that are diffused. */
    public double vaeScale() {
        return vaeScale;
    }

    public boolean isXl() {
        return this == SDXL || this == SDXL_REFINER;
    }

    /** The family whose cross attention reads features of this width; {@link #UNKNOWN} if none does. */
    public static Family ofContextWidth(int width) {
        for (Family f : values()) {
            if (f.contextWidth == width && f != UNKNOWN) {
                return f;
            }
        }
        return UNKNOWN;
    }
}
