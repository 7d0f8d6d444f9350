/**
 * Random numbers that match PyTorch's for the same seed, on CUDA ({@link org.daguerre.diffusion.random.Philox}) and
 * on the CPU ({@link org.daguerre.diffusion.random.Mt19937}), and what samplers draw from: one stream per image
 * ({@link org.daguerre.diffusion.random.SeededNoise}), or a given list ({@link
 * org.daguerre.diffusion.random.GivenNoise}).
 */
package org.daguerre.diffusion.random;
