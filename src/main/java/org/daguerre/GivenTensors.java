package org.daguerre;

import java.util.List;
import java.util.Optional;
import org.daguerre.tensor.HostTensor;

/**
 * Random numbers and maps given by the caller instead of drawn from the seed, to compare runtimes number by number. All F32 NCHW.
 *
 * @param noise           [N, C, h, w] unit Gaussian for the first latents, or the noise added to the encoded picture
 * @param latents         [N, C, h, w] first latents taken as they are, instead of noise
 * @param posterior       [N, C, h, w] for sampling the encoder's posterior
 * @param posteriorMasked the same for the masked picture of an inpainting model
 * @param steps           per random draw of a stochastic sampler [N, C, h, w]
 * @param depth           [N, H, W] depth as an estimator predicts it (any scale), for depth-to-image
 */
public record GivenTensors(Optional<HostTensor> noise, Optional<HostTensor> latents, Optional<HostTensor> posterior,
                           Optional<HostTensor> posteriorMasked, List<HostTensor> steps, Optional<HostTensor> depth) {
    public static final GivenTensors NONE = new GivenTensors(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
        List.of(), Optional.empty());

    public GivenTensors {
        steps = List.copyOf(steps);
    }
}
