package org.daguerre.diffusion.random;

import java.util.Arrays;
import java.util.List;
import org.daguerre.diffusion.NoiseSource;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/** Noise from a list, for comparing runtimes: the k-th request, Gaussian or Brownian, takes the k-th entry. */
public final class GivenNoise implements NoiseSource {
    private final List<float[]> entries;
    private int used;

    /** @param entries each [N, C, H, W], the order of files and of PyTorch */
    public GivenNoise(List<float[]> entries) {
        this.entries = List.copyOf(entries);
    }

    /** How many entries have been taken. */
    public int used() {
        return used;
    }

    @Override
    public Tensor draw(Ops ops, Shape shape) {
        if (used == entries.size()) {
            throw new IllegalArgumentException("step noise: expected more than the " + used + " draws given");
        }
        float[] nchw = entries.get(used++);
        if (nchw.length != shape.count()) {
            throw new IllegalArgumentException("step noise, draw " + (used - 1) + ": expected the " + shape.count()
                + " values of latents " + shape + ", found " + nchw.length);
        }
        int perImage = Layout.perImage(shape);
        float[] all = new float[nchw.length];
        for (int i = 0; i < shape.dim(0); i++) {
            Layout.toNhwc(Arrays.copyOfRange(nchw, i * perImage, (i + 1) * perImage), shape, all, i);
        }
        return ops.upload(all, shape);
    }

    @Override
    public Tensor brownian(Ops ops, Shape shape, double from, double to) {
        return draw(ops, shape);
    }
}
