package org.daguerre.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.Spacing;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.diffusion.schedule.Schedules;
import picocli.CommandLine.Option;

/** How noise becomes the picture. */
final class SamplingOptions {
    @Option(names = "--steps", paramLabel = "N", description = "Steps of the sampler; default: 20.")
    Optional<Integer> steps;

    @Option(names = "--cfg-scale", paramLabel = "X",
        description = "How strongly the prompt guides; 1 is without guidance; default: 7.")
    Optional<Double> cfgScale;

    @Option(names = "--guidance-rescale", paramLabel = "X",
        description = "0 (default) to 1: against overexposure at high guidance (arXiv:2305.08891).")
    Optional<Double> guidanceRescale;

    @Option(names = "--guidance-interval", paramLabel = "A-B",
        description = "Guide only within these fractions of the steps (arXiv:2404.07724).")
    Optional<Interval> guidanceInterval;

    @Option(names = "--sampler", paramLabel = "NAME",
        description = "Such as ddim, euler, euler a, dpm++ 2m karras, unipc; a wrong name lists all; default: the "
            + "model's.")
    Optional<String> sampler;

    @Option(names = "--schedule", paramLabel = "NAME",
        description = "Noise levels: default, karras, exponential, beta, ...; a wrong name lists all.")
    Optional<String> schedule;

    @Option(names = "--spacing", paramLabel = "NAME", description = "Of the timesteps: leading, linspace or trailing.")
    Optional<Spacing> spacing;

    @Option(names = "--dialect", paramLabel = "NAME",
        description = "Whose definition a sampler's name means: diffusers (default) or k-diffusion (as in A1111).")
    Optional<Dialect> dialect;

    @Option(names = "--zero-snr", description = "Rescale the noise levels to zero terminal signal.")
    boolean zeroSnr;

    @Option(names = "--sampler-setting", paramLabel = "KEY=VALUE",
        description = "A key of scheduler_config.json, such as eta=0.5 or solver_order=3 (repeatable).")
    Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--denoising-start", paramLabel = "X",
        description = "Start at this fraction of the schedule, 0..1.")
    Optional<Double> denoisingStart;

    @Option(names = "--denoising-end", paramLabel = "X", description = "Stop at this fraction of the schedule, 0..1.")
    Optional<Double> denoisingEnd;

    void apply(Request.Builder b) {
        Checks.set("--steps", steps, b::steps);
        Checks.set("--cfg-scale", cfgScale, b::guidanceScale);
        Checks.set("--guidance-rescale", guidanceRescale, b::guidanceRescale);
        Checks.set("--guidance-interval", guidanceInterval, i -> b.guidanceInterval(i.start(), i.end()));
        if (denoisingStart.isPresent() || denoisingEnd.isPresent()) {
            Checks.check("--denoising-start, --denoising-end",
                () -> b.denoisingRange(denoisingStart.orElse(0.0), denoisingEnd.orElse(1.0)));
        }
        b.sampling(options());
    }

    private SamplerOptions options() {
        Dialect whose = dialect.orElse(Dialect.DIFFUSERS);
        Checks.set("--sampler", sampler, name -> Samplers.find(name, whose));
        Checks.set("--schedule", schedule.filter(name -> !name.equalsIgnoreCase("default")), Schedules::canonical);
        Map<String, Object> values = new LinkedHashMap<>();
        settings.forEach((key, text) -> values.put(key, value(text)));
        return new SamplerOptions(sampler, schedule, spacing, whose, zeroSnr, values);
    }

    /** A boolean, a number, a list of numbers, or a word. */
    private static Object value(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        if (text.contains(",")) {
            List<Double> list = new ArrayList<>();
            for (String part : text.split(",")) {
                if (!(number(part.trim()) instanceof Number n)) {
                    return text;
                }
                list.add(n.doubleValue());
            }
            return list;
        }
        return number(text);
    }

    private static Object number(String text) {
        try {
            return text.matches("[+-]?\\d{1,9}") ? (Object) Integer.valueOf(text) : Double.valueOf(text);
        } catch (NumberFormatException e) {
            return text;
        }
    }
}
