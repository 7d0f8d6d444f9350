package org.daguerre.diffusion.sampler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.Scheme;

/**
 * A sampler as users name it: a scheme with the settings that the name implies.
 *
 * @param name as listed, for example {@code dpm++ 2m}
 * @param scheme its mathematics
 * @param settings keys that the name fixes, whatever the model's configuration says
 * @param aliases other names; case, spaces, hyphens and underscores never matter, nor a leading {@code k_}
 */
public record Sampler(String name, Scheme scheme, Map<String, Object> settings, List<String> aliases) {

    static Sampler of(String name, Scheme scheme, String... aliases) {
        return new Sampler(name, scheme, Map.of(), List.of(aliases));
    }

    /** The same with settings that the name implies, as key, value, key, value. */
    Sampler with(Object... keysAndValues) {
        Map<String, Object> more = new HashMap<>(settings);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            more.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Sampler(name, scheme, Map.copyOf(more), aliases);
    }

    public Dialect dialect() {
        return scheme.kDiffusion() ? Dialect.K_DIFFUSION : Dialect.DIFFUSERS;
    }

    /** @param model the model's scheduler configuration with the user's changes */
    public Plan plan(SamplerConfig model, int steps) {
        return scheme.plan(model.withAll(settings), steps);
    }
}
