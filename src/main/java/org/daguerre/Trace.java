package org.daguerre;

import org.daguerre.tensor.HostTensor;

/**
 * Receives what a run computes on the way, F32 NCHW, for comparing runtimes: {@code token_ids}, {@code context},
 * {@code negative_context}, {@code pooled}, {@code negative_pooled}, {@code initial_latents}, {@code latents} (one per step),
 * {@code decoded}, {@code timesteps}, {@code sigmas}.
 */
@FunctionalInterface
public interface Trace {
    void record(HostTensor tensor);
}
