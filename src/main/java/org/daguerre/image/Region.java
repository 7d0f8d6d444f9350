package org.daguerre.image;

/** A rectangle of pixels: left, top, width, height. It may leave the picture until it is clipped. */
public record Region(int x, int y, int width, int height) {
    public Region {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("region: size must be positive, found " + width + "x" + height);
        }
    }

    /** First column right of the region. */
    public int right() {
        return x + width;
    }

    /** First row below the region. */
    public int bottom() {
        return y + height;
    }

    public boolean contains(Region o) {
        return o.x >= x && o.y >= y && o.right() <= right() && o.bottom() <= bottom();
    }

    /** Grown by {@code pixels} on all four sides and clipped to a picture of the given size. */
    public Region padded(int pixels, int imageWidth, int imageHeight) {
        int left = Math.max(0, x - pixels);
        int top = Math.max(0, y - pixels);
        int r = Math.min(imageWidth, right() + pixels);
        int b = Math.min(imageHeight, bottom() + pixels);
        return new Region(left, top, r - left, b - top);
    }

    /**
     * Grown along one axis until its shape is that of {@code targetWidth : targetHeight}, shifted and, where the
     * picture is too small, clipped to stay inside. This is the region that "only masked" inpainting of the A1111 web
     * UI works on.
     */
    public Region toAspect(int targetWidth, int targetHeight, int imageWidth, int imageHeight) {
        if (targetWidth < 1 || targetHeight < 1) {
            throw new IllegalArgumentException("region: target size must be positive, found " + targetWidth + "x"
                    + targetHeight);
        }
        if ((long) width * targetHeight > (long) height * targetWidth) {
            int wanted = (int) ((long) width * targetHeight / targetWidth);
            int[] span = grow(y, height, wanted, imageHeight);
            return new Region(x, span[0], width, span[1]);
        }
        int wanted = (int) ((long) height * targetWidth / targetHeight);
        int[] span = grow(x, width, wanted, imageWidth);
        return new Region(span[0], y, span[1], height);
    }

    /** Start and length of a span grown evenly to {@code wanted} and moved back into [0, limit). */
    private static int[] grow(int start, int length, int wanted, int limit) {
        int size = Math.min(Math.max(length, wanted), limit);
        int moved = start - Math.max(0, wanted - length) / 2;
        return new int[] {Math.max(0, Math.min(moved, limit - size)), size};
    }
}
