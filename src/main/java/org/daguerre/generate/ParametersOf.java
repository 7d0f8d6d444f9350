package org.daguerre.generate;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.daguerre.Adapters;
import org.daguerre.Control;
import org.daguerre.Request;
import org.daguerre.Size;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.random.Rng;
import org.daguerre.image.ParametersText;

/** The settings of a picture as A1111 writes them into its PNGs, with our own keys for what A1111 has no name for. */
final class ParametersOf {
    private ParametersOf() {
    }

    static String text(Request r, String sampler, Size size, long seed, String model, String refiner) {
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
            s.put("Task", r.mask().isPresent() ? "inpaint" : "img2img");
        }
        sampling(r, s);
        prompts(r, s);
        adapters(r.adapters(), s);
        int i = 0;
        for (Control c : r.controls()) {
            s.put("ControlNet " + i++, "Model: " + c.model().getFileName() + ", Weight: " + number(c.scale()) + ", Guidance Start: "
                + number(c.start()) + ", Guidance End: " + number(c.end()));
        }
        if (!refiner.isEmpty()) {
            s.put("Refiner", refiner);
            s.put("Refiner switch at", number(r.refinerAt()));
        }
        s.put("RNG", r.rng() == Rng.PHILOX ? "NV" : "CPU");
        s.put("Version", "Daguerre");
        return new ParametersText(r.prompt(), r.negative(), s).format();
    }

    private static void sampling(Request r, Map<String, String> s) {
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
            s.put("Variation seed", String.valueOf(r.variation().seed()));
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

    private static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e9 ? String.valueOf((long) x) : String.valueOf(x);
    }
}
