package org.daguerre;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.daguerre.image.AwtImages;
import org.daguerre.image.Image;
import org.daguerre.image.PngWriter;

/**
 * What a request made.
 *
 * @param pictures in the order of their seeds
 * @param timings  where the time went
 */
public record Result(List<Picture> pictures, Timings timings) {
    public Result {
        pictures = List.copyOf(pictures);
    }

    /** The first picture. */
    public Picture picture() {
        return pictures.get(0);
    }

    /**
     * One picture.
     *
     * @param pixels     RGB planes in 0..1
     * @param seed       the seed that made it
     * @param parameters A1111's text of all settings, as stored in the PNG
     */
    public record Picture(Image pixels, long seed, String parameters) {

        public BufferedImage toBufferedImage() {
            return AwtImages.toBuffered(pixels);
        }

        /** PNG file content with the parameters in it. */
        public byte[] toPng() {
            return PngWriter.toBytes(pixels, Map.of(PngWriter.PARAMETERS, parameters));
        }

        /** Writes a PNG whole or not at all. */
        public void save(Path file) throws IOException {
            PngWriter.write(file, pixels, Map.of(PngWriter.PARAMETERS, parameters));
        }
    }

    /**
     * Milliseconds.
     *
     * @param text   prompt encoding (0 if it was remembered)
     * @param encode start picture to latents
     * @param steps  each step; on a GPU without a listener only the time to launch it, the rest is in {@code decode}
     * @param decode latents to pictures
     * @param total  everything
     */
    public record Timings(double text, double encode, List<Double> steps, double decode, double total) {
        public Timings {
            steps = List.copyOf(steps);
        }
    }
}
