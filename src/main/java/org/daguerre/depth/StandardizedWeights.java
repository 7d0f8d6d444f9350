package org.daguerre.depth;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Weights;

/**
 * Weights with every convolution standardised (Qiao et al. 2019, arXiv:1903.10520): mean 0 and variance 1 per output
 * channel. It is a function of the weights alone, so it is applied once, when they are read. What is read here counts
 * as read there.
 */
final class StandardizedWeights implements Checkpoint {
    private static final double EPS = 1e-8;

    private final Weights source;

    StandardizedWeights(Weights source) {
        this.source = source;
    }

    @Override
    public HostTensor tensor(String name) {
        HostTensor t = source.tensor(name);
        return t.shape().rank() == 4 ? standardized(t) : t;
    }

    private static HostTensor standardized(HostTensor t) {
        float[] w = t.toFloats();
        int n = w.length / t.shape().dim(0);
        for (int from = 0; from < w.length; from += n) {
            double sum = 0;
            for (int i = from; i < from + n; i++) {
                sum += w[i];
            }
            double mean = sum / n;
            double squares = 0;
            for (int i = from; i < from + n; i++) {
                squares += (w[i] - mean) * (w[i] - mean);
            }
            double scale = 1 / Math.sqrt(squares / n + EPS);
            for (int i = from; i < from + n; i++) {
                w[i] = (float) ((w[i] - mean) * scale);
            }
        }
        return HostTensor.of(t.name(), t.shape(), w);
    }

    @Override
    public Set<String> names() {
        return source.names();
    }

    @Override
    public Shape shape(String name) {
        return source.shape(name);
    }

    @Override
    public DType dtype(String name) {
        return source.checkpoint().dtype(source.prefix() + name);
    }

    @Override
    public Map<String, String> metadata() {
        return source.checkpoint().metadata();
    }

    @Override
    public Path source() {
        return source.checkpoint().source();
    }

    /** The file belongs to whoever opened it. */
    @Override
    public void close() {
    }
}
