package org.daguerre.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a picture was made, in the text format that the AUTOMATIC1111 web UI started and others share:
 *
 * <pre>
 * a prompt, which may take several lines
 * Negative prompt: also several lines
 * Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512
 * </pre>
 *
 * An absent negative prompt is not an empty one: only the latter writes its line. Any prompt survives writing and
 * reading: where the plain form would be misread (a prompt with a line that looks like settings, carriage returns), the
 * exact text is added as settings of its own, which other programs ignore.
 *
 * @param prompt the prompt
 * @param negative the negative prompt, if there is one
 * @param settings names and values in order
 */
public record ParametersText(String prompt, Optional<String> negative, Map<String, String> settings) {
    private static final String NEGATIVE = "Negative prompt:";
    private static final String EXACT_PROMPT = "Exact prompt";
    private static final String EXACT_NEGATIVE = "Exact negative prompt";
    private static final String NO_NEGATIVE = "No negative prompt";

    public ParametersText {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(negative, "negative");
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /**
     * The text to store in a picture.
     *
     * @throws IllegalArgumentException if a setting's name holds a comma, a colon or a quote
     */
    public String format() {
        String plain = format(settings);
        if (parse(plain).equals(this)) {
            return plain;
        }
        Map<String, String> exact = new LinkedHashMap<>(settings);
        exact.put(EXACT_PROMPT, prompt);
        exact.put(negative.isPresent() ? EXACT_NEGATIVE : NO_NEGATIVE, negative.orElse("true"));
        return format(exact);
    }

    private String format(Map<String, String> all) {
        StringBuilder out = new StringBuilder(prompt);
        negative.ifPresent(n -> out.append('\n').append(NEGATIVE).append(' ').append(n));
        return all.isEmpty() ? out.toString() : out.append('\n').append(SettingsLine.format(all)).toString();
    }

    /**
     * Reads a text of any program that follows the format; what is not understood ends up in the prompt, not in an
     * error.
     */
    public static ParametersText parse(String text) {
        List<String> lines = Arrays.asList(text.replace("\r\n", "\n").split("\n", -1));
        int last = settingsLine(lines);
        Map<String, String> settings = new LinkedHashMap<>();
        if (last < lines.size()) {
            settings.putAll(SettingsLine.parse(lines.get(last)));
            addWholeLines(lines.subList(last + 1, lines.size()), settings);
        }
        List<String> head = lines.subList(0, last);
        int cut = 0;
        while (cut < head.size() && !head.get(cut).startsWith(NEGATIVE)) {
            cut++;
        }
        String prompt = String.join("\n", head.subList(0, cut));
        Optional<String> negative = Optional.empty();
        if (cut < head.size()) {
            List<String> rest = new ArrayList<>(head.subList(cut, head.size()));
            String first = rest.get(0).substring(NEGATIVE.length());
            rest.set(0, first.startsWith(" ") ? first.substring(1) : first);
            negative = Optional.of(String.join("\n", rest));
        }
        return exact(prompt, negative, settings);
    }

    /** The line that begins with "Steps: ", else the last line if it looks like settings, else none. */
    private static int settingsLine(List<String> lines) {
        int last = lines.size() - 1;
        while (last > 0 && lines.get(last).isBlank()) {
            last--;
        }
        if (SettingsLine.parse(lines.get(last)).containsKey(EXACT_PROMPT)) {
            return last;
        }
        for (int i = last; i >= 0; i--) {
            if (lines.get(i).matches("Steps: \\d+(,.*|\\s*)")) {
                return i;
            }
        }
        return SettingsLine.matches(lines.get(last)) ? last : lines.size();
    }

    /** Some extensions add lines of their own below the settings ("Template: ..."); further lines continue a value. */
    private static void addWholeLines(List<String> lines, Map<String, String> settings) {
        String key = "";
        for (String line : lines) {
            Optional<Map.Entry<String, String>> own = SettingsLine.whole(line);
            if (own.isPresent()) {
                key = own.get().getKey();
                settings.put(key, own.get().getValue());
            } else if (!key.isEmpty() && !line.isBlank()) {
                settings.merge(key, line, (a, b) -> a + "\n" + b);
            }
        }
    }

    private static ParametersText exact(String prompt, Optional<String> negative, Map<String, String> settings) {
        if (!settings.containsKey(EXACT_PROMPT)) {
            return new ParametersText(prompt, negative, settings);
        }
        String exactPrompt = settings.remove(EXACT_PROMPT);
        Optional<String> exactNegative = Optional.ofNullable(settings.remove(EXACT_NEGATIVE));
        boolean none = settings.remove(NO_NEGATIVE) != null;
        return new ParametersText(exactPrompt, exactNegative.isPresent() || none ? exactNegative : negative, settings);
    }
}
