package org.daguerre.diffusion.sampler;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.schedule.Schedules;

/** The list of samplers, and how a user's words become a plan. */
public final class Samplers {
    private static final List<Sampler> ALL = List.of(
        Sampler.of("ddim", Ddim.SCHEME),
        Sampler.of("ddpm", Ddpm.SCHEME),
        Sampler.of("pndm", Pndm.SCHEME),
        Sampler.of("plms", Pndm.SCHEME).with("skip_prk_steps", true),
        Sampler.of("lms", Lms.SCHEME),
        Sampler.of("euler", Euler.SCHEME),
        Sampler.of("euler a", EulerAncestral.SCHEME, "euler ancestral"),
        Sampler.of("heun", Heun.SCHEME),
        Sampler.of("dpm2", Dpm2.SCHEME, "kdpm2"),
        Sampler.of("dpm2 a", Dpm2.ANCESTRAL, "dpm2 ancestral", "kdpm2 a"),
        Sampler.of("dpm solver", DpmppMultistep.SCHEME),
        Sampler.of("dpm++ 2m", DpmppMultistep.SCHEME).with("algorithm_type", "dpmsolver++", "solver_order", 2),
        Sampler.of("dpm++ 2m sde", DpmppMultistep.SCHEME).with("algorithm_type", "sde-dpmsolver++", "solver_order", 2),
        Sampler.of("dpm++ 3m sde", DpmppMultistep.SCHEME).with("algorithm_type", "sde-dpmsolver++", "solver_order", 3),
        Sampler.of("dpm++ 2s", DpmppSinglestep.SCHEME),
        Sampler.of("dpm++ sde", DpmppSde.SCHEME),
        Sampler.of("unipc", UniPc.SCHEME, "uni pc bh2"),
        Sampler.of("deis", Deis.SCHEME),
        Sampler.of("lcm", Lcm.SCHEME),
        Sampler.of("tcd", Tcd.SCHEME),
        Sampler.of("euler", Euler.K_SCHEME),
        Sampler.of("euler a", EulerAncestral.K_SCHEME, "euler ancestral"),
        Sampler.of("lms", Lms.K_SCHEME),
        Sampler.of("heun", Heun.K_SCHEME),
        Sampler.of("dpm2", Dpm2.K_SCHEME),
        Sampler.of("dpm2 a", Dpm2.K_ANCESTRAL, "dpm2 ancestral"),
        Sampler.of("dpm++ 2m", KDpmpp2m.SCHEME),
        Sampler.of("dpm++ 2s a", KDpmpp2sAncestral.SCHEME, "dpm++ 2s ancestral"),
        Sampler.of("dpm++ sde", DpmppSde.K_SCHEME),
        Sampler.of("dpm++ 2m sde", KDpmpp2mSde.MIDPOINT),
        Sampler.of("dpm++ 2m sde heun", KDpmpp2mSde.HEUN),
        Sampler.of("dpm++ 3m sde", KDpmpp3mSde.SCHEME));

    private Samplers() {}

    public static List<Sampler> all() {
        return ALL;
    }

    /** Every name, each once, in the list's order. */
    public static List<String> names() {
        return ALL.stream().map(Sampler::name).distinct().toList();
    }

    /** What a user's sampler name says: the sampler and, with a suffix like "karras", the schedule. */
    public record Named(Sampler sampler, Optional<String> schedule) {}

    /**
     * @param name for example {@code DPM++ 2M Karras}, {@code euler_a}, {@code k_dpm_2} or a diffusers class name
     * @param dialect whose definition is preferred; a name that only the other one knows is found there
     * @throws IllegalArgumentException for an unknown name, listing the known ones
     */
    public static Named find(String name, Dialect dialect) {
        String key = key(name);
        Optional<Sampler> exact = lookUp(key, dialect);
        if (exact.isPresent()) {
            return new Named(exact.get(), Optional.empty());
        }
        for (String schedule : Schedules.names()) {
            String suffix = key(schedule);
            if (key.endsWith(suffix)) {
                Optional<Sampler> s = lookUp(key.substring(0, key.length() - suffix.length()), dialect);
                if (s.isPresent()) {
                    return new Named(s.get(), Optional.of(schedule));
                }
            }
        }
        throw new IllegalArgumentException("sampler: expected one of " + names().stream()
            .collect(Collectors.joining(", "))
            + " (a schedule may follow, as in \"dpm++ 2m karras\"), found \"" + name + "\"");
    }

    private static Optional<Sampler> lookUp(String key, Dialect dialect) {
        for (String k : key.startsWith("k") ? new String[] {key, key.substring(1)} : new String[] {key}) {
            Optional<Sampler> found = Stream.concat(ALL.stream().filter(s -> s.dialect() == dialect),
                ALL.stream().filter(s -> s.dialect() != dialect)).filter(s -> answersTo(s, k)).findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static boolean answersTo(Sampler s, String key) {
        return key(s.name()).equals(key) || s.aliases().stream().anyMatch(a -> key(a).equals(key))
            || s.dialect() == Dialect.DIFFUSERS && key(s.scheme().className()).equals(key);
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT).replace("++", "pp").replaceAll("[\\s_-]+", "");
    }

    /** The sampler of a model's own configuration: PNDM where it names no class. */
    public static Sampler ofModel(SamplerConfig model) {
        String name = model.className().isEmpty() ? "PNDMScheduler" : model.className();
        return ALL.stream().filter(s -> s.settings().isEmpty() && s.scheme().className().equals(name)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("scheduler configuration: expected a _class_name among "
                + ALL.stream().filter(s -> s.dialect() == Dialect.DIFFUSERS).map(s -> s.scheme().className()).distinct()
                    .collect(Collectors.joining(", ")) + ", found \"" + name + "\""));
    }

    /**
     * The plan of a run: the model's configuration, changed by what the user chose.
     *
     * @throws IllegalArgumentException for unknown names and combinations that are not defined
     */
    public static Plan plan(SamplerConfig model, SamplerOptions user, int steps) {
        Optional<Named> named = user.sampler().map(n -> find(n, user.dialect()));
        Sampler sampler = named.map(Named::sampler).orElseGet(() -> user.dialect() == Dialect.DIFFUSERS ? ofModel(model)
            : find("euler", Dialect.K_DIFFUSION).sampler());
        SamplerConfig config = model.withAll(user.settings());
        Optional<String> schedule = user.schedule().or(() -> named.flatMap(Named::schedule));
        if (schedule.isPresent() && !schedule.get().equalsIgnoreCase("default")) {
            config = config.with("schedule", Schedules.canonical(schedule.get()));
        }
        if (user.spacing().isPresent()) {
            config = config.with("timestep_spacing", user.spacing().get().name().toLowerCase(Locale.ROOT));
        }
        if (user.zeroSnr()) {
            config = config.withAll(Map.of("rescale_betas_zero_snr", true));
        }
        return sampler.plan(config, steps);
    }
}
