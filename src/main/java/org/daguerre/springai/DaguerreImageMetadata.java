package org.daguerre.springai;

import org.springframework.ai.image.ImageGenerationMetadata;

/**
 * How a picture can be made again.
 *
 * @param seed       the seed that made it
 * @param parameters A1111's text of all settings, as stored in the PNG
 */
public record DaguerreImageMetadata(long seed, String parameters) implements ImageGenerationMetadata {
}
