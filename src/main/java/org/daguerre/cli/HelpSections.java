package org.daguerre.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;

/** The option list of a command's help under headings, one for each class of options. */
final class HelpSections {
    private static final Map<Class<?>, String> HEADINGS = headings();

    private HelpSections() {
    }

    private static Map<Class<?>, String> headings() {
        Map<Class<?>, String> all = new LinkedHashMap<>();
        all.put(PromptOptions.class, "Prompt");
        all.put(PictureOptions.class, "Picture");
        all.put(SamplingOptions.class, "Sampling");
        all.put(SdxlOptions.class, "SDXL");
        all.put(AdapterOptions.class, "Adapters");
        all.put(ControlOptions.class, "ControlNet (repeatable)");
        all.put(ModelOptions.class, "Model");
        all.put(EngineOptions.class, "Engine");
        all.put(ParityOptions.class, "Comparison with other programs");
        all.put(OutputOptions.class, "Output");
        all.put(StandardOptions.class, "General");
        return all;
    }

    static String render(Help help) {
        Map<String, List<OptionSpec>> sections = new LinkedHashMap<>();
        sections.put("", new ArrayList<>());
        HEADINGS.values().forEach(heading -> sections.put(heading, new ArrayList<>()));
        for (OptionSpec option : help.commandSpec().options()) {
            boolean known = sections.values().stream().flatMap(List::stream)
                .anyMatch(o -> o.longestName().equals(option.longestName()));
            if (!option.hidden() && !known) {
                sections.get(heading(option)).add(option);
            }
        }
        StringBuilder text = new StringBuilder();
        sections.forEach((heading, options) -> {
            if (!options.isEmpty()) {
                Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
                layout.addAllOptions(options, help.createDefaultParamLabelRenderer());
                text.append(String.format("%n%s%n", heading.isEmpty() ? "Options:" : heading + ":")).append(layout);
            }
        });
        return text.toString();
    }

    private static String heading(OptionSpec option) {
        Class<?> group = option.userObject() instanceof Field field ? field.getDeclaringClass() : Object.class;
        for (Class<?> c = group; c != null; c = c.getEnclosingClass()) {
            if (HEADINGS.containsKey(c)) {
                return HEADINGS.get(c);
            }
        }
        return "";
    }
}
