package org.daguerre.diffusion.schedule;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The list of schedules. "default" is not one of them: it means what the model's configuration says. */
public final class Schedules {
    private static final Map<String, Schedule> ALL = list();

    private Schedules() {}

    private static Map<String, Schedule> list() {
        Map<String, Schedule> all = new LinkedHashMap<>();
        all.put("normal", new Normal());
        all.put("karras", new Karras());
        all.put("exponential", new Exponential());
        all.put("polyexponential", new Polyexponential(1));
        all.put("beta", new Beta());
        all.put("sgm_uniform", new SgmUniform());
        all.put("ddim_uniform", new DdimUniform());
        all.put("simple", new Simple());
        all.put("lu", new Lu());
        all.put("ays", AlignYourSteps.of(false));
        all.put("ays_sdxl", AlignYourSteps.of(true));
        all.put("ays_a1111", AlignYourSteps.a1111(false));
        all.put("ays_a1111_sdxl", AlignYourSteps.a1111(true));
        return all;
    }

    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * @param name in any case; spaces, hyphens and underscores are the same
     * @throws IllegalArgumentException for an unknown name, listing the known ones
     */
    public static Schedule find(String name) {
        return ALL.get(canonical(name));
    }

    /** The listed form of {@code name}. */
    public static String canonical(String name) {
        String key = name.trim().toLowerCase(Locale.ROOT).replaceAll("[\\s-]+", "_");
        key = switch (key) {
            case "uniform", "none" -> "normal";
            case "align_your_steps" -> "ays";
            case "poly_exponential" -> "polyexponential";
            default -> key;
        };
        if (!ALL.containsKey(key)) {
            throw new IllegalArgumentException("schedule: expected default or one of " + String.join(", ", ALL.keySet())
                + ", found \"" + name + "\"");
        }
        return key;
    }
}
