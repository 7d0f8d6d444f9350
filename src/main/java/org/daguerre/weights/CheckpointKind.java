package org.daguerre.weights;

/** What a file of weights is for. */
public enum CheckpointKind {
    /** A diffusion model: a U-Net, usually with autoencoder and text encoders. */
    MODEL("diffusion model"),
    CONTROLNET("ControlNet"),
    VAE("autoencoder"),
    TINY_VAE("tiny autoencoder"),
    TEXT_ENCODER("text encoder"),
    DEPTH_ESTIMATOR("depth estimator"),
    UPSCALER("upscaler"),
    LORA("LoRA"),
    TEXTUAL_INVERSION("textual inversion"),
    HYPERNETWORK("hypernetwork"),
    UNKNOWN("unknown");

    private final String title;

    CheckpointKind(String title) {
        this.title = title;
    }

    /** Name for people. */
    public String title() {
        return title;
    }
}
