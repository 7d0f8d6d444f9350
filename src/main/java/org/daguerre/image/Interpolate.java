package org.daguerre.image;

/**
 * Point interpolation as {@code torch.nn.functional.interpolate} defines it (no antialiasing), for what networks see:
 * MiDaS inputs, depth maps and masks at latent size. Planes are [C, H, W].
 */
public final class Interpolate {
    private Interpolate() {
    }

    /** Mode "nearest": source index floor(i * in / out), in float32 as PyTorch computes it. */
    public static Image nearest(Image image, int width, int height) {
        int[] xs = nearestIndices(image.width(), width);
        int[] ys = nearestIndices(image.height(), height);
        Image out = Image.zeros(image.channels(), height, width);
        for (int c = 0; c < image.channels(); c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    out.planes()[out.index(c, y, x)] = image.at(c, ys[y], xs[x]);
                }
            }
        }
        return out;
    }

    private static int[] nearestIndices(int in, int out) {
        float scale = (float) in / out;
        int[] index = new int[out];
        for (int i = 0; i < out; i++) {
            index[i] = Math.min(in - 1, (int) (i * scale));
        }
        return index;
    }

    /** Mode "bilinear". */
    public static Image bilinear(Image image, int width, int height, boolean alignCorners) {
        Tap[] xs = linear(image.width(), width, alignCorners);
        return separable(image, xs, linear(image.height(), height, alignCorners));
    }

    /** Mode "bicubic": cubic convolution with a = -0.75, edge pixels repeated. */
    public static Image bicubic(Image image, int width, int height, boolean alignCorners) {
        Tap[] xs = cubic(image.width(), width, alignCorners);
        return separable(image, xs, cubic(image.height(), height, alignCorners));
    }

    private static double source(int i, int in, int out, boolean alignCorners) {
        if (alignCorners) {
            return out > 1 ? (double) i * (in - 1) / (out - 1) : 0;
        }
        return (i + 0.5) * in / out - 0.5;
    }

    private static Tap[] linear(int in, int out, boolean alignCorners) {
        Tap[] taps = new Tap[out];
        for (int i = 0; i < out; i++) {
            double s = Math.max(0, source(i, in, out, alignCorners));
            int at = Math.min(in - 1, (int) s);
            double t = s - at;
            taps[i] = new Tap(new int[] {at, Math.min(in - 1, at + 1)}, new double[] {1 - t, t});
        }
        return taps;
    }

    private static Tap[] cubic(int in, int out, boolean alignCorners) {
        Tap[] taps = new Tap[out];
        for (int i = 0; i < out; i++) {
            double s = source(i, in, out, alignCorners);
            int at = (int) Math.floor(s);
            int[] index = new int[4];
            double[] weight = new double[4];
            for (int k = 0; k < 4; k++) {
                index[k] = Math.max(0, Math.min(in - 1, at - 1 + k));
                weight[k] = ResampleFilter.cubic(Math.abs(s - (at - 1 + k)), -0.75);
            }
            taps[i] = new Tap(index, weight);
        }
        return taps;
    }

    private static Image separable(Image in, Tap[] xs, Tap[] ys) {
        Image out = Image.zeros(in.channels(), ys.length, xs.length);
        for (int c = 0; c < in.channels(); c++) {
            for (int y = 0; y < ys.length; y++) {
                for (int x = 0; x < xs.length; x++) {
                    out.planes()[out.index(c, y, x)] = (float) at(in, c, ys[y], xs[x]);
                }
            }
        }
        return out;
    }

    private static double at(Image in, int c, Tap y, Tap x) {
        double sum = 0;
        for (int i = 0; i < y.index.length; i++) {
            double row = 0;
            for (int k = 0; k < x.index.length; k++) {
                row += x.weight[k] * in.at(c, y.index[i], x.index[k]);
            }
            sum += y.weight[i] * row;
        }
        return sum;
    }

    /** The source positions of one output position, and their weights. */
    private record Tap(int[] index, double[] weight) {
    }
}
