package org.daguerre.vae;

import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/** Sampling of the encoder's Gaussian. It runs once per picture on a few thousand numbers, so it runs on the host. */
final class Posterior {
    private static final double MIN = -30;
    private static final double MAX = 20;

    private Posterior() {
    }

    /** exp(log variance / 2) * noise, with the log variance clamped to -30..20. */
    static Tensor deviationTimesNoise(Ops ops, Tensor logVariance, Tensor noise) {
        float[] v = ops.download(logVariance);
        float[] n = ops.download(noise);
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) (Math.exp(Math.min(MAX, Math.max(MIN, v[i])) / 2) * n[i]);
        }
        return ops.upload(v, logVariance.shape());
    }
}
