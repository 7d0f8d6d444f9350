package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.daguerre.diffusion.schedule.Schedules;
import org.daguerre.image.ParametersText;
import org.daguerre.image.PngText;
import org.daguerre.image.PngWriter;

/** The settings in a picture (ours or A1111's) as options of the command line. */
final class StoredSettings {
    private static final Set<String> BUILT_IN = Set.of("demo-model", "daguerre-demo");
    private static final Map<String, String> PLAIN = Map.ofEntries(Map.entry("Steps", "--steps"),
        Map.entry("Sampler", "--sampler"),
        Map.entry("CFG scale", "--cfg-scale"), Map.entry("Seed", "--seed"), Map.entry("Size", "--size"),
        Map.entry("Denoising strength", "--strength"), Map.entry("Timestep spacing", "--spacing"),
        Map.entry("Sampler dialect", "--dialect"), Map.entry("CFG Rescale phi", "--guidance-rescale"),
        Map.entry("Guidance interval", "--guidance-interval"), Map.entry("Variation seed", "--variation-seed"),
        Map.entry("Variation seed strength", "--variation-strength"), Map.entry("Clip skip", "--clip-skip"),
        Map.entry("Clip skip negative", "--clip-skip-negative"), Map.entry("Original size", "--original-size"),
        Map.entry("Target size", "--target-size"), Map.entry("Crop", "--crop"), Map.entry("Hypernet", "--hypernetwork"),
        Map.entry("Masked area padding", "--only-masked"),
        Map.entry("Emphasis", "--emphasis"), Map.entry("Posterior", "--posterior"),
        Map.entry("Aesthetic score", "--aesthetic"),
        Map.entry("Aesthetic score negative", "--aesthetic-negative"), Map.entry("Refiner", "--refiner"),
        Map.entry("Refiner switch at", "--refiner-at"));

    private static final Pattern CONTROL
        = Pattern.compile("Model: (.*), Weight: ([^,]*), Guidance Start: ([^,]*), Guidance End: ([^,]*)"
            + "(?:, Control Mode: (.*))?");

    private final ParametersText text;
    private final StringBuilder controls = new StringBuilder();
    private final List<Option> options = new ArrayList<>();

    /** An option with its value; an empty value is a flag. */
    record Option(String name, String value) {
        String argument() {
            return value.isEmpty() && name.equals("--zero-snr") ? name : name + "=" + value;
        }
    }

    private StoredSettings(ParametersText text) {
        this.text = text;
        text.negative().ifPresent(n -> options.add(new Option("--negative", n)));
        text.settings().forEach(this::add);
        boolean ours = text.settings().getOrDefault("Version", "").startsWith("Daguerre");
        if (!ours && text.settings().containsKey("Sampler")) {
            options.add(new Option("--dialect", "k-diffusion")); // whose names A1111 uses
        }
    }

    static StoredSettings of(ParametersText text) {
        return new StoredSettings(text);
    }

    /** Empty if the picture holds no parameters. */
    static Optional<StoredSettings> read(Path png) throws IOException {
        return Optional.ofNullable(PngText.read(png).get(PngWriter.PARAMETERS)).map(t -> of(ParametersText.parse(t)));
    }

    private void add(String key, String value) {
        if (PLAIN.containsKey(key)) {
            options.add(new Option(PLAIN.get(key), value));
        } else if (key.equals("Schedule type")) {
            schedule(value).ifPresent(name -> options.add(new Option("--schedule", name)));
        } else if (key.equals("Zero SNR") && value.equals("true")) {
            options.add(new Option("--zero-snr", ""));
        } else if (key.equals("RNG")) {
            options.add(new Option("--rng", value.equals("CPU") ? "mt19937" : "philox"));
        } else if (key.equals("Model") && !BUILT_IN.contains(value)) {
            options.add(new Option("--model", value));
        } else if (key.equals("Sampler settings")) {
            for (String setting : value.split("; ")) {
                options.add(new Option("--sampler-setting", setting));
            }
        } else if (key.equals("Denoising range")) {
            Interval range = Interval.parse(value);
            options.add(new Option("--denoising-start", String.valueOf(range.start())));
            options.add(new Option("--denoising-end", String.valueOf(range.end())));
        } else if (key.matches("ControlNet \\d+")) {
            control(value);
        } else if (key.matches("Lora \\d+")) {
            options.add(new Option("--lora", value));
        } else if (key.matches("TI \\d+")) {
            options.add(new Option("--embedding", value));
        }
    }

    /** Ours only; other programs write more and other things under this key. */
    private void control(String value) {
        Matcher m = CONTROL.matcher(value);
        if (m.matches()) {
            controls.append(" --controlnet ").append(quote(m.group(1) + ":" + m.group(2)))
                .append(" --control-image IMAGE")
                .append(" --control-interval ").append(m.group(3)).append('-').append(m.group(4))
                .append(controlMode(m.group(5)));
        }
    }

    private static String controlMode(String words) {
        return words == null || words.equals("Balanced") ? "" : " --control-mode "
            + (words.startsWith("ControlNet") ? "control" : "prompt");
    }

    /** Whether a ControlNet took part, whose picture has left no name. */
    boolean controlled() {
        return !controls.isEmpty();
    }

    private static Optional<String> schedule(String value) {
        try {
            return value.equalsIgnoreCase("automatic") ? Optional.empty()
                : Optional.of(value.equals("default") ? value : Schedules.canonical(value));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // another program's own
        }
    }

    ParametersText text() {
        return text;
    }

    List<Option> options() {
        return List.copyOf(options);
    }

    /** The command that makes the picture, for a shell; pictures it started from have left no name. */
    String command() {
        String task = text.settings().getOrDefault("Task", "").toLowerCase(Locale.ROOT);
        StringBuilder line = new StringBuilder("daguerre");
        switch (task) {
            case "inpaint" -> line.append(" inpaint IMAGE MASK");
            case "img2img" -> line.append(" img2img IMAGE");
            case "depth2img" -> line.append(" depth2img IMAGE");
            default -> {
            }
        }
        line.append(text.prompt().startsWith("-") ? " --prompt=" : " ").append(quote(text.prompt()));
        for (Option o : options) {
            if (!o.name().equals("--strength") || !task.isEmpty()) {
                line.append(' ').append(o.argument().equals(o.name()) ? o.name() : o.name() + " " + quote(o.value()));
            }
        }
        return line.append(controls).toString();
    }

    /** As one word of a POSIX shell. */
    static String quote(String text) {
        return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
