package org.daguerre.diffusion;

import java.util.Arrays;

/**
 * The noise of a trained model at each of its timesteps: abar[t], the share of signal variance left ("alphas_cumprod"),
 * and sigma[t] = sqrt((1 - abar) / abar), the noise per unit of signal. The values are those of PyTorch in float32,
 * since models were trained with them: 1 - abar is small at low noise, where a more exact abar would differ visibly.
 */
public final class NoiseLevels {
    /** The share of signal that samplers which divide by it assume where it is zero (2^-24, a sigma of 4096). */
    private static final double LEAST_SIGNAL = 0x1p-24;

    private final float[] signal;
    private final double[] sigmas;
    private final double[] logSigmas; // rounded to float32, as the tables that both dialects interpolate in

    private NoiseLevels(float[] signal) {
        this.signal = signal;
        this.sigmas = new double[signal.length];
        this.logSigmas = new double[signal.length];
        for (int t = 0; t < signal.length; t++) {
            double a = Math.max(signal[t], LEAST_SIGNAL);
            sigmas[t] = Math.sqrt((1 - a) / a);
            logSigmas[t] = (float) Math.log(sigmas[t]);
        }
    }

    /** @param betas noise variance added at each training timestep, each within [0, 1] */
    public static NoiseLevels ofBetas(float[] betas) {
        if (betas.length < 2) {
            throw new IllegalArgumentException("noise levels: expected at least 2 betas, found " + betas.length);
        }
        float[] signal = new float[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            if (!(betas[t] >= 0 && betas[t] <= 1)) {
                throw new IllegalArgumentException("noise levels: expected betas within 0..1, found " + betas[t]
                    + " at " + t);
            }
            product *= 1f - betas[t];
            signal[t] = (float) product;
        }
        return new NoiseLevels(signal);
    }

    /** The levels of every Stable Diffusion 1, 2 and XL model: scaled_linear from 0.00085 to 0.012, 1000 timesteps. */
    public static NoiseLevels stableDiffusion() {
        return ofBetas(Betas.scaledLinear(0.00085, 0.012, 1000));
    }

    /** The levels of a scheduler configuration, zero-terminal-SNR included. */
    public static NoiseLevels of(SamplerConfig config) {
        NoiseLevels levels = ofBetas(Betas.of(config));
        return config.flag("rescale_betas_zero_snr") ? levels.zeroTerminalSnr() : levels;
    }

    /**
     * Shifted and scaled so that the last timestep holds no signal: Lin et al. 2023, arXiv:2305.08891, algorithm 1.
     * In PyTorch's order: signal to betas and back.
     */
    public NoiseLevels zeroTerminalSnr() {
        int n = signal.length;
        float first = (float) Math.sqrt(signal[0]);
        float last = (float) Math.sqrt(signal[n - 1]);
        float scale = first / (first - last);
        float[] squares = new float[n];
        for (int t = 0; t < n; t++) {
            float root = ((float) Math.sqrt(signal[t]) - last) * scale;
            squares[t] = root * root;
        }
        float[] betas = new float[n];
        for (int t = 0; t < n; t++) {
            betas[t] = 1f - (t == 0 ? squares[0] : squares[t] / squares[t - 1]);
        }
        return ofBetas(betas);
    }

    /** Number of training timesteps. */
    public int count() {
        return signal.length;
    }

    /** abar at a whole timestep. */
    public double signal(int t) {
        return signal[t];
    }

    /** Noise per unit of signal at a whole timestep; finite even where no signal is left. */
    public double sigma(int t) {
        return sigmas[t];
    }

    public double minSigma() {
        return sigmas[0];
    }

    public double maxSigma() {
        return sigmas[sigmas.length - 1];
    }

    /** Noise at a fractional timestep, interpolating sigma linearly as diffusers does. */
    public double sigmaLinear(double t) {
        return interpolate(sigmas, t);
    }

    /** Noise at a fractional timestep, interpolating log(sigma) as k-diffusion does. */
    public double sigmaAt(double t) {
        return Math.exp(interpolate(logSigmas, t));
    }

    private static double interpolate(double[] values, double t) {
        int low = (int) Math.min(Math.max(Math.floor(t), 0), values.length - 2);
        double w = Math.min(Math.max(t - low, 0), 1);
        return (1 - w) * values[low] + w * values[low + 1];
    }

    /** The fractional timestep of a noise level: the inverse of {@link #sigmaAt}, clipped to the trained range. */
    public double timestep(double sigma) {
        double log = Math.log(Math.max(sigma, 1e-10));
        int found = Arrays.binarySearch(logSigmas, log);
        int low = found >= 0 ? found : -found - 2;
        low = Math.min(Math.max(low, 0), logSigmas.length - 2);
        double w = (log - logSigmas[low]) / (logSigmas[low + 1] - logSigmas[low]);
        return low + Math.min(Math.max(w, 0), 1);
    }
}
