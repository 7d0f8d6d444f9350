package org.daguerre.generate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.daguerre.Adapters;
import org.daguerre.Control;
import org.daguerre.Request;
import org.daguerre.Size;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.random.Rng;
import org.daguerre.image.ParametersText;
import org.daguerre.text.Emphasis;

/** The settings of a picture as A1111 writes them into its PNGs, with our own keys for what A1111 has no name for. */
final class ParametersOf {
    /** What requests have where nothing is said. */
    private static final double AESTHETIC = 6;
    private static final double AESTHETIC_NEGATIVE = 2.5;

    private static final Map<Control.Mode, String> CONTROL_MODES = Map.of(Control.Mode.BALANCED, "Balanced",
        Control.Mode.PROMPT, "My prompt is more important", Control.Mode.CONTROL, "ControlNet is more important");

    private ParametersOf() {
    }

    /** @param index of the picture in its batch; @param seed of this picture */
    static String text(Request r, String sampler, Size size, int index, long seed, String model, String refiner) {
        Map<String, String> s = new LinkedHashMap<>();
        s.put("Steps", String.valueOf(r.steps()));
        s.put("Sampler", sampler);
        r.sampling().schedule().ifPresent(name -> s.put("Schedule type", name));
        s.put("CFG scale", number(r.guidanceScale()));
        s.put("Seed", String.valueOf(seed));
        s.put("Size", size.toString());
        s.put("Model", model);
        if (r.image().isPresent()) {
            s.put("Denoising strength", number(r.strength()));
            s.put("Task", r.mask().isPresent() ? "inpaint" : r.depthMap().isPresent() ? "depth2img" : "img2img");
        }
        r.onlyMaskedPadding().ifPresent(p -> s.put("Masked area padding", String.valueOf(p)));
        sampling(r, s, index);
        prompts(r, s);
        adapters(r.adapters(), s);
        int i = 0;
        for (Control c : r.controls()) {
            s.put("ControlNet " + i++, "Model: " + c.model().getFileName() + ", Weight: " + number(c.scale()) + ", Guidance Start: "
                + number(c.start()) + ", Guidance End: " + number(c.end()) + ", Control Mode: " + CONTROL_MODES.get(c.mode()));
        }
        if (!refiner.isEmpty()) {
            s.put("Refiner", refiner);
            s.put("Refiner switch at", number(r.refinerAt()));
        }
        s.put("RNG", r.rng() == Rng.PHILOX ? "NV" : "CPU");
        s.put("Version", "Daguerre");
        return new ParametersText(r.prompt(), r.negative(), s).format();
    }

    private static void sampling(Request r, Map<String, String> s, int index) {
        if (!r.sampling().settings().isEmpty()) {
            s.put("Sampler settings", new TreeMap<>(r.sampling().settings()).entrySet().stream()
                .map(e -> e.getKey() + "=" + setting(e.getValue())).collect(Collectors.joining("; ")));
        }
        if (r.denoisingStart() > 0 || r.denoisingEnd() < 1) {
            s.put("Denoising range", number(r.denoisingStart()) + "-" + number(r.denoisingEnd()));
        }
        r.sampling().spacing().ifPresent(p -> s.put("Timestep spacing", p.name().toLowerCase(Locale.ROOT)));
        if (r.sampling().dialect() == Dialect.K_DIFFUSION) {
            s.put("Sampler dialect", "k-diffusion");
        }
        if (r.sampling().zeroSnr()) {
            s.put("Zero SNR", "true");
        }
        if (r.guidanceRescale() > 0) {
            s.put("CFG Rescale phi", number(r.guidanceRescale()));
        }
        if (r.guidanceStart() > 0 || r.guidanceEnd() < 1) {
            s.put("Guidance interval", number(r.guidanceStart()) + "-" + number(r.guidanceEnd()));
        }
        if (r.variation().strength() > 0) {
            s.put("Variation seed", String.valueOf(r.variation().seed() + index));
            s.put("Variation seed strength", number(r.variation().strength()));
        }
    }

    private static void prompts(Request r, Map<String, String> s) {
        if (r.clipSkip() > 0) {
            s.put("Clip skip", String.valueOf(r.clipSkip()));
        }
        if (r.clipSkipNegative() != r.clipSkip()) {
            s.put("Clip skip negative", String.valueOf(r.clipSkipNegative()));
        }
        if (r.emphasis() != Emphasis.ORIGINAL) {
            s.put("Emphasis", r.emphasis().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        if (!r.samplePosterior()) {
            s.put("Posterior", "mean");
        }
        if (r.aesthetic() != AESTHETIC || r.aestheticNegative() != AESTHETIC_NEGATIVE) {
            s.put("Aesthetic score", number(r.aesthetic()));
            s.put("Aesthetic score negative", number(r.aestheticNegative()));
        }
        r.originalSize().ifPresent(x -> s.put("Original size", x.toString()));
        r.targetSize().ifPresent(x -> s.put("Target size", x.toString()));
        if (r.cropX() != 0 || r.cropY() != 0) {
            s.put("Crop", r.cropX() + "x" + r.cropY());
        }
    }

    private static void adapters(Adapters a, Map<String, String> s) {
        int i = 0;
        for (Adapters.LoraUse l : a.loras()) {
            s.put("Lora " + i++, l.file().getFileName() + ":" + number(l.unetWeight())
                + (l.textWeight() == l.unetWeight() ? "" : ":" + number(l.textWeight())));
        }
        i = 0;
        for (Adapters.Embedding e : a.embeddings()) {
            s.put("TI " + i++, e.file().getFileName() + e.token().map(t -> ":" + t).orElse(""));
        }
        Optional<Adapters.HypernetworkUse> h = a.hypernetwork();
        h.ifPresent(x -> s.put("Hypernet", x.file().getFileName() + ":" + number(x.strength())));
    }

    private static String setting(Object value) {
        return value instanceof List<?> list ? list.stream().map(String::valueOf).collect(Collectors.joining(",")) : String.valueOf(value);
    }

    private static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e9 ? String.valueOf((long) x) : String.valueOf(x);
    }
}
