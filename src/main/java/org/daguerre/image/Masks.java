package org.daguerre.image;

import java.util.Optional;

/** Masks for repainting: one channel, 1 = repaint, 0 = keep. */
public final class Masks {
    private Masks() {
    }

    /** 1 where the mask is at least one half, else 0. */
    public static Image binarise(Image mask) {
        Image out = Images.copy(check(mask));
        for (int i = 0; i < out.planes().length; i++) {
            out.planes()[i] = out.planes()[i] >= 0.5f ? 1f : 0f;
        }
        return out;
    }

    /** 1 - mask. */
    public static Image invert(Image mask) {
        Image out = Images.copy(check(mask));
        for (int i = 0; i < out.planes().length; i++) {
            out.planes()[i] = 1f - out.planes()[i];
        }
        return out;
    }

    /**
     * The mask on the latent grid: binarised, then PyTorch's nearest neighbour, as inpainting models are trained with.
     */
    public static Image toLatent(Image mask, int width, int height) {
        return Interpolate.nearest(binarise(mask), width, height);
    }

    /** Smallest region that holds every value above zero; nothing for an empty mask. */
    public static Optional<Region> bounds(Image mask) {
        check(mask);
        int left = mask.width();
        int top = mask.height();
        int right = -1;
        int bottom = -1;
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                if (mask.at(0, y, x) > 0f) {
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                    top = Math.min(top, y);
                    bottom = y;
                }
            }
        }
        return right < 0 ? Optional.empty() : Optional.of(new Region(left, top, right - left + 1, bottom - top + 1));
    }

    /**
     * The part of the picture to work on when only the masked area is repainted: the mask's bounds, padded, and grown
     * to the shape of the size the model works at. Nothing for an empty mask.
     */
    public static Optional<Region> onlyMasked(Image mask, int padding, int targetWidth, int targetHeight) {
        return bounds(mask).map(r -> r.padded(padding, mask.width(), mask.height())
                .toAspect(targetWidth, targetHeight, mask.width(), mask.height()));
    }

    /**
     * Puts a repainted region back: where the mask is 0 the result is the original, bit for bit; where it is 1 it is
     * the patch; between, a linear mix.
     *
     * @param patch of any size, resized to the region (Lanczos)
     * @param mask of the size of the original
     */
    public static Image pasteBack(Image original, Image patch, Image mask, Region region) {
        check(mask);
        if (mask.width() != original.width() || mask.height() != original.height()
                || patch.channels() != original.channels() || !original.bounds().contains(region)) {
            throw new IllegalArgumentException("paste back: original " + original + ", patch " + patch + ", mask "
                    + mask + " and " + region + " do not fit together");
        }
        Image scaled = Resize.fit(patch, region.width(), region.height(), Fit.STRETCH, ResampleFilter.LANCZOS);
        Image out = Images.copy(original);
        for (int c = 0; c < out.channels(); c++) {
            for (int y = 0; y < region.height(); y++) {
                for (int x = 0; x < region.width(); x++) {
                    int at = out.index(c, region.y() + y, region.x() + x);
                    float m = mask.at(0, region.y() + y, region.x() + x);
                    out.planes()[at] = mix(out.planes()[at], scaled.at(c, y, x), m);
                }
            }
        }
        return out;
    }

    /** {@link #pasteBack} over the whole picture. */
    public static Image composite(Image original, Image repainted, Image mask) {
        return pasteBack(original, repainted, mask, original.bounds());
    }

    private static float mix(float from, float to, float m) {
        if (m <= 0f) {
            return from;
        }
        return m >= 1f ? to : from + (to - from) * m;
    }

    private static Image check(Image mask) {
        if (mask.channels() != 1) {
            throw new IllegalArgumentException("mask: expected 1 channel, found " + mask.channels());
        }
        return mask;
    }
}
