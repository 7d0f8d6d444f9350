package org.daguerre.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code --from PICTURE}: the settings stored in a picture become arguments, unless the user gave them. */
final class FromPicture {
    private static final String OPTION = "--from";

    private FromPicture() {
    }

    /**
     * The arguments with those of the picture among them.
     *
     * @param args a whole command line, command first
     * @param err  told what cannot be taken over
     */
    static String[] expand(CommandLine root, String[] args, PrintStream err) throws IOException {
        if (Arrays.stream(args).noneMatch(a -> a.equals(OPTION) || a.startsWith(OPTION + "="))) {
            return args;
        }
        ParseResult given;
        try {
            given = root.parseArgs(args).subcommand();
        } catch (ParameterException e) {
            return args; // reported by the parse that follows
        }
        if (given == null || !given.hasMatchedOption(OPTION)) {
            return args;
        }
        Path picture = Path.of(given.matchedOption(OPTION).originalStringValues().get(0));
        StoredSettings stored = StoredSettings.read(picture).orElseThrow(() ->
            new IllegalArgumentException("--from: expected a picture with its parameters, found none in " + picture));
        if (stored.controlled() && !given.hasMatchedOption("--controlnet")) {
            err.println(picture + ": made with a ControlNet, whose picture is not stored: give --controlnet and "
                + "--control-image to use it");
        }
        List<String> all = new ArrayList<>(List.of(args[0]));
        if (!given.hasMatchedOption("--prompt")) {
            all.add("--prompt=" + stored.text().prompt());
        }
        for (StoredSettings.Option o : stored.options()) {
            if (given.commandSpec().findOption(o.name()) != null && !given.hasMatchedOption(o.name())) {
                all.add(o.argument());
            }
        }
        all.addAll(Arrays.asList(args).subList(1, args.length));
        return all.toArray(String[]::new);
    }
}
