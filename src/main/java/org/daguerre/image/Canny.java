package org.daguerre.image;

import java.util.ArrayDeque;

/**
 * Canny 1986, "A Computational Approach to Edge Detection", in the integer form that ControlNet's edge models were
 * trained with (OpenCV's {@code Canny} on 8-bit pictures, aperture 3): Sobel gradients with edge pixels repeated, for
 * colour the channel with the largest gradient; a pixel survives if it is a maximum across the edge, in four
 * directions; then hysteresis over eight neighbours.
 *
 * @param low gradients at or below never are edges
 * @param high gradients above always are edges; those between are if they touch one
 * @param l2 whether the magnitude is Euclidean, else |dx| + |dy|
 */
public record Canny(double low, double high, boolean l2) {
    private static final int SHIFT = 15;
    /** tan(22.5 degrees) in 15-bit fixed point. */
    private static final int TAN_22 = (int) (0.4142135623730950488 * (1 << SHIFT) + 0.5);

    public Canny {
        if (!(low >= 0 && low <= high && high <= 32767)) {
            throw new IllegalArgumentException("canny: expected 0 <= low <= high <= 32767, found low " + low + ", high "
                    + high);
        }
    }

    /** Thresholds 100 and 200 with the L1 magnitude, the usual choice for ControlNet. */
    public static Canny standard() {
        return new Canny(100, 200, false);
    }

    /** One channel: 1 on edges, 0 elsewhere. */
    public Image edges(Image image) {
        int width = image.width();
        int height = image.height();
        Gradient g = gradient(image);
        long weak = threshold(low);
        long strong = threshold(high);
        boolean[] candidate = new boolean[width * height];
        ArrayDeque<Integer> seeds = new ArrayDeque<>();
        Image out = Image.zeros(1, height, width);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                int m = g.magnitude[g.padded(x, y)];
                if (m > weak && g.isMaximum(x, y)) {
                    candidate[i] = true;
                    if (m > strong) {
                        out.planes()[i] = 1f;
                        seeds.add(i);
                    }
                }
            }
        }
        grow(out, candidate, seeds);
        return out;
    }

    private long threshold(double t) {
        return (long) Math.floor(l2 && t > 0 ? t * t : t);
    }

    private static void grow(Image out, boolean[] candidate, ArrayDeque<Integer> seeds) {
        int width = out.width();
        while (!seeds.isEmpty()) {
            int i = seeds.pop();
            for (int y = Math.max(0, i / width - 1); y <= Math.min(out.height() - 1, i / width + 1); y++) {
                for (int x = Math.max(0, i % width - 1); x <= Math.min(width - 1, i % width + 1); x++) {
                    int n = y * width + x;
                    if (candidate[n] && out.planes()[n] == 0f) {
                        out.planes()[n] = 1f;
                        seeds.push(n);
                    }
                }
            }
        }
    }

    private Gradient gradient(Image image) {
        int width = image.width();
        int height = image.height();
        Gradient g = new Gradient(width, height);
        byte[] bytes = Images.toBytes(image);
        int channels = image.channels();
        for (int y = 0; y < height; y++) {
            int up = Math.max(0, y - 1) * width;
            int down = Math.min(height - 1, y + 1) * width;
            for (int x = 0; x < width; x++) {
                int left = Math.max(0, x - 1);
                int right = Math.min(width - 1, x + 1);
                int best = -1;
                for (int c = 0; c < channels; c++) {
                    int nw = bytes[(up + left) * channels + c] & 0xff;
                    int ne = bytes[(up + right) * channels + c] & 0xff;
                    int sw = bytes[(down + left) * channels + c] & 0xff;
                    int se = bytes[(down + right) * channels + c] & 0xff;
                    int n = bytes[(up + x) * channels + c] & 0xff;
                    int s = bytes[(down + x) * channels + c] & 0xff;
                    int w = bytes[(y * width + left) * channels + c] & 0xff;
                    int e = bytes[(y * width + right) * channels + c] & 0xff;
                    int dx = ne + 2 * e + se - nw - 2 * w - sw;
                    int dy = sw + 2 * s + se - nw - 2 * n - ne;
                    int m = l2 ? dx * dx + dy * dy : Math.abs(dx) + Math.abs(dy);
                    if (m > best) {
                        best = m;
                        g.set(x, y, dx, dy, m);
                    }
                }
            }
        }
        return g;
    }

    /** Gradients of every pixel; the magnitude has a border of zeros. */
    private static final class Gradient {
        private final int width;
        private final int[] dx;
        private final int[] dy;
        private final int[] magnitude;

        Gradient(int width, int height) {
            this.width = width;
            dx = new int[width * height];
            dy = new int[width * height];
            magnitude = new int[(width + 2) * (height + 2)];
        }

        int padded(int x, int y) {
            return (y + 1) * (width + 2) + x + 1;
        }

        void set(int x, int y, int gx, int gy, int m) {
            dx[y * width + x] = gx;
            dy[y * width + x] = gy;
            magnitude[padded(x, y)] = m;
        }

        /** Whether the pixel is larger than its two neighbours across the edge; of equal ones the first counts. */
        boolean isMaximum(int x, int y) {
            int gx = dx[y * width + x];
            int gy = dy[y * width + x];
            int at = padded(x, y);
            int m = magnitude[at];
            int steep = Math.abs(gy) << SHIFT;
            int tan22 = Math.abs(gx) * TAN_22;
            if (steep < tan22) {
                return m > magnitude[at - 1] && m >= magnitude[at + 1];
            }
            int line = width + 2;
            if (steep > tan22 + (Math.abs(gx) << SHIFT + 1)) {
                return m > magnitude[at - line] && m >= magnitude[at + line];
            }
            int side = (gx ^ gy) < 0 ? -1 : 1;
            return m > magnitude[at - line - side] && m > magnitude[at + line + side];
        }
    }
}
