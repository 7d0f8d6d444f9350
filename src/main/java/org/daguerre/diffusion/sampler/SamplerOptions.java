package org.daguerre.diffusion.sampler;

import java.util.Map;
import java.util.Optional;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.Spacing;

/**
 * What the user says about sampling; everything left out is the model's.
 *
 * @param sampler name, possibly with a schedule: {@code dpm++ 2m karras}
 * @param schedule name, or "default"; wins over the one in the sampler's name
 * @param spacing of the timesteps
 * @param dialect whose definition the sampler's name means
 * @param zeroSnr rescale the noise levels to zero terminal signal
 * @param settings further keys of {@code scheduler_config.json}, for example {@code eta} or {@code solver_order}
 */
public record SamplerOptions(Optional<String> sampler, Optional<String> schedule, Optional<Spacing> spacing,
                             Dialect dialect, boolean zeroSnr, Map<String, Object> settings) {

    public SamplerOptions {
        settings = Map.copyOf(settings);
    }

    /** All as the model says. */
    public static SamplerOptions modelDefault() {
        return new SamplerOptions(Optional.empty(), Optional.empty(), Optional.empty(), Dialect.DIFFUSERS, false,
            Map.of());
    }

    public static SamplerOptions named(String sampler) {
        return new SamplerOptions(Optional.of(sampler), Optional.empty(), Optional.empty(), Dialect.DIFFUSERS, false,
            Map.of());
    }

    public SamplerOptions withSchedule(String name) {
        return new SamplerOptions(sampler, Optional.of(name), spacing, dialect, zeroSnr, settings);
    }

    public SamplerOptions withSpacing(Spacing s) {
        return new SamplerOptions(sampler, schedule, Optional.of(s), dialect, zeroSnr, settings);
    }

    public SamplerOptions withDialect(Dialect d) {
        return new SamplerOptions(sampler, schedule, spacing, d, zeroSnr, settings);
    }

    public SamplerOptions withZeroSnr(boolean on) {
        return new SamplerOptions(sampler, schedule, spacing, dialect, on, settings);
    }

    public SamplerOptions withSettings(Map<String, Object> values) {
        return new SamplerOptions(sampler, schedule, spacing, dialect, zeroSnr, values);
    }
}
