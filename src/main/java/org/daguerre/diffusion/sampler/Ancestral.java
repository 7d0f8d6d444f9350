package org.daguerre.diffusion.sampler;


/**
 * The split of a step from one noise level to another into a deterministic step further down and new noise, such that
 * the levels add up: k-diffusion's get_ancestral_step with eta 1.
 */
record Ancestral(double down, double up) {
    static Ancestral of(double from, double to) {
        double up = Math.min(to, Math.sqrt(to * to * (from * from - to * to) / (from * from)));
        return new Ancestral(Math.sqrt(to * to - up * up), up);
    }
}
