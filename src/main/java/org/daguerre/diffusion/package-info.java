/**
 * The mathematics between pure noise and clean latents. Start with {@link org.daguerre.diffusion.Sampling}, which
 * runs a {@link org.daguerre.diffusion.Plan} made by {@link org.daguerre.diffusion.sampler.Samplers} against a {@link
 * org.daguerre.diffusion.Predictor}.
 *
 * <p>Latents are [N, H, W, C] in f32 on the device; every update is one linear combination there, written down as a
 * {@link org.daguerre.diffusion.Mix}. Schedules and coefficients are double on the host. Two conventions of latents
 * occur: x0 + sigma eps ("scaled"), and alpha x0 + beta eps with alpha^2 + beta^2 = 1.
 *
 * <p>Knows nothing of text, networks or pictures; depends on {@code tensor} only.
 */
package org.daguerre.diffusion;
