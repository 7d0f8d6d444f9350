package org.daguerre.depth;

import org.daguerre.image.Image;
import org.daguerre.image.Interpolate;
import org.daguerre.image.ResampleFilter;
import org.daguerre.image.Resize;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.Weights;

/** Depth of pictures of any size, and what the U-Net of depth models is told of it. */
public final class DepthEstimator implements AutoCloseable {
    private final DptHybrid net;
    private final int side;

    private DepthEstimator(DptHybrid net, int side) {
        this.net = net;
        this.side = side;
    }

    /** See {@link DptHybrid#load}. */
    public static DepthEstimator load(Ops ops, Weights w, JsonConfig config) {
        return new DepthEstimator(DptHybrid.load(ops, w, config), config.getInt("image_size"));
    }

    /**
     * Inverse relative depth of a picture, larger is nearer.
     *
     * @param image in 0..1
     * @return one channel, of the size that the network worked in
     */
    public Image estimate(Image image) {
        Image rgb = image.toRgb();
        // As MiDaS does: the aspect stays, the scale is the one of the two that changes the picture less.
        double sx = (double) side / rgb.width();
        double sy = (double) side / rgb.height();
        double scale = Math.abs(1 - sx) < Math.abs(1 - sy) ? sx : sy;
        Image small = Resize.resample(rgb, multiple(rgb.width() * scale), multiple(rgb.height() * scale),
            ResampleFilter.BICUBIC);
        float[] planes = small.planes().clone();
        for (int i = 0; i < planes.length; i++) {
            planes[i] = (Math.min(1, Math.max(0, planes[i])) - 0.5f) / 0.5f;
        }
        try (Ops ops = Ops.on(net.ops().backend(), net.ops().type())) {
            Tensor x = ops.toNhwc(ops.upload(planes, 1, 3, small.height(), small.width()), ops.type());
            Tensor y = ops.cast(net.forward(ops, x, Probe.NONE), DType.F32);
            return Image.of(1, small.height(), small.width(), ops.download(y));
        }
    }

    private static int multiple(double pixels) {
        return (int) Math.max(DptHybrid.MULTIPLE, Math.rint(pixels / DptHybrid.MULTIPLE) * DptHybrid.MULTIPLE);
    }

    /**
     * The channel that depth models read: bicubic at the size of the latents, then from -1 (farthest) to 1 (nearest).
     *
     * @param depth one channel in any unit
     * @return one channel; -1 everywhere if there is only one depth
     */
    public static Image forLatents(Image depth, int width, int height) {
        Image small = Interpolate.bicubic(depth.toGrey(), width, height, false);
        return normalized(small, -1, 1);
    }

    /** The depth as a grey picture: black is farthest. */
    public static Image picture(Image depth) {
        return normalized(depth, 0, 1);
    }

    private static Image normalized(Image depth, float low, float high) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (float v : depth.planes()) {
            min = Math.min(min, v);
            max = Math.max(max, v);
        }
        float[] out = new float[depth.planes().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = max > min ? low + (high - low) * ((depth.planes()[i] - min) / (max - min)) : low;
        }
        return Image.of(1, depth.height(), depth.width(), out);
    }

    @Override
    public void close() {
        net.close();
    }
}
