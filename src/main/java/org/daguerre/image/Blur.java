package org.daguerre.image;

import java.util.Arrays;

/** Separable blurs for soft masks; edge pixels are repeated outside the picture. */
public final class Blur {
    private Blur() {
    }

    /** Mean of the (2 radius + 1)^2 neighbours. */
    public static Image box(Image image, int radius) {
        if (radius < 0) {
            throw new IllegalArgumentException("box blur: radius must not be negative, found " + radius);
        }
        double[] kernel = new double[2 * radius + 1];
        Arrays.fill(kernel, 1.0 / kernel.length);
        return both(image, kernel);
    }

    /** Gaussian of standard deviation {@code sigma}, cut at 2.5 sigma as the A1111 web UI's mask blur; 0 is no blur. */
    public static Image gaussian(Image image, double sigma) {
        if (!(sigma >= 0 && sigma <= 1000)) {
            throw new IllegalArgumentException("gaussian blur: expected sigma in 0..1000, found " + sigma);
        }
        int radius = (int) (2.5 * sigma + 0.5);
        double[] kernel = new double[2 * radius + 1];
        double sum = 0;
        for (int i = -radius; i <= radius; i++) {
            kernel[i + radius] = radius == 0 ? 1 : Math.exp(-0.5 * i * i / (sigma * sigma));
            sum += kernel[i + radius];
        }
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] /= sum;
        }
        return both(image, kernel);
    }

    private static Image both(Image image, double[] kernel) {
        return kernel.length == 1 ? image : pass(pass(image, kernel, true), kernel, false);
    }

    private static Image pass(Image in, double[] kernel, boolean alongRows) {
        Image out = Image.zeros(in.channels(), in.height(), in.width());
        int radius = kernel.length / 2;
        for (int c = 0; c < in.channels(); c++) {
            for (int y = 0; y < in.height(); y++) {
                for (int x = 0; x < in.width(); x++) {
                    double sum = 0;
                    for (int k = -radius; k <= radius; k++) {
                        int sx = alongRows ? Math.max(0, Math.min(in.width() - 1, x + k)) : x;
                        int sy = alongRows ? y : Math.max(0, Math.min(in.height() - 1, y + k));
                        sum += kernel[k + radius] * in.at(c, sy, sx);
                    }
                    out.planes()[out.index(c, y, x)] = (float) sum;
                }
            }
        }
        return out;
    }
}
