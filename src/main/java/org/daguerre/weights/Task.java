package org.daguerre.weights;

/** What a U-Net's input consists of besides the noisy latent image, told by its number of channels. */
public enum Task {
    TEXT_TO_IMAGE("text to image", 4),
    DEPTH_TO_IMAGE("depth to image", 5),
    UPSCALING("upscaling", 7),
    EDITING("editing by instruction", 8),
    INPAINTING("inpainting", 9),
    OTHER("unknown task", 0);

    private final String title;
    private final int channels;

    Task(String title, int channels) {
        this.title = title;
        this.channels = channels;
    }

    /** Name for people. */
    public String title() {
        return title;
    }

    /** The task of a U-Net with this many input channels. */
    public static Task ofChannels(int channels) {
        for (Task t : values()) {
            if (t.channels == channels && t != OTHER) {
                return t;
            }
        }
        return OTHER;
    }
}
