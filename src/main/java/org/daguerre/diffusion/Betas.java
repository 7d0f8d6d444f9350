package org.daguerre.diffusion;

/** The noise variance added at each training timestep, in the float32 arithmetic of PyTorch. */
final class Betas {
    private Betas() {}

    static float[] of(SamplerConfig config) {
        if (config.has("trained_betas")) {
            return config.floats("trained_betas");
        }
        int count = config.integer("num_train_timesteps");
        if (count < 2) {
            throw new IllegalArgumentException("num_train_timesteps: expected at least 2, found " + count);
        }
        double start = config.number("beta_start");
        double end = config.number("beta_end");
        String kind = config.text("beta_schedule");
        return switch (kind) {
            case "scaled_linear" -> scaledLinear(start, end, count);
            case "linear" -> linspace((float) start, (float) end, count);
            case "squaredcos_cap_v2" -> cosine(count);
            default -> throw new IllegalArgumentException(
                "beta_schedule: expected scaled_linear, linear or squaredcos_cap_v2, found \"" + kind + "\"");
        };
    }

    /** The square of a line between square roots: the schedule of latent diffusion. */
    static float[] scaledLinear(double start, double end, int count) {
        float[] betas = linspace((float) Math.sqrt(start), (float) Math.sqrt(end), count);
        for (int i = 0; i < count; i++) {
            betas[i] *= betas[i];
        }
        return betas;
    }

    /** Nichol and Dhariwal 2021, arXiv:2102.09672, equation 17, each beta at most 0.999. */
    static float[] cosine(int count) {
        float[] betas = new float[count];
        for (int i = 0; i < count; i++) {
            double ratio = cosineSignal((i + 1) / (double) count) / cosineSignal(i / (double) count);
            betas[i] = (float) Math.min(1 - ratio, 0.999);
        }
        return betas;
    }

    private static double cosineSignal(double t) {
        double c = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
        return c * c;
    }

    /** Counts up from the start in the first half and down from the end in the second, as PyTorch does. */
    private static float[] linspace(float start, float end, int count) {
        float step = (end - start) / (count - 1);
        float[] line = new float[count];
        for (int i = 0; i < count; i++) {
            line[i] = i < count / 2 ? start + step * i : end - step * (count - 1 - i);
        }
        return line;
    }
}
