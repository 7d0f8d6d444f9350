package org.daguerre.model;

/** What SDXL is told about the picture (Podell et al. 2023, section 2.2); pixels. The model takes the height first. */
public record PictureSizes(int originalWidth, int originalHeight, int cropX, int cropY, int targetWidth, int targetHeight, double aesthetic,
                           double aestheticNegative) {
}
