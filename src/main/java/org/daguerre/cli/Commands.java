package org.daguerre.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.daguerre.Size;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.Spacing;
import org.daguerre.diffusion.random.Rng;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.TypeConversionException;

/** The list of commands, and how their command lines are parsed. */
final class Commands {
    /** What a command line without a command means. */
    static final String DEFAULT = "txt2img";
    private static final Map<String, Function<Console, Command>> ALL = list();

    private Commands() {
    }

    private static Map<String, Function<Console, Command>> list() {
        Map<String, Function<Console, Command>> all = new LinkedHashMap<>();
        all.put(DEFAULT, Txt2ImgCommand::new);
        all.put("img2img", Img2ImgCommand::new);
        all.put("inpaint", InpaintCommand::new);
        all.put("depth2img", Depth2ImgCommand::new);
        all.put("upscale", UpscaleCommand::new);
        all.put("grid", GridCommand::new);
        all.put("bench", BenchCommand::new);
        all.put("info", InfoCommand::new);
        all.put("convert", ConvertCommand::new);
        all.put("devices", DevicesCommand::new);
        all.put("completion", CompletionCommand::new);
        return all;
    }

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** The whole tree, for help and completion. */
    static CommandLine all(Console console) {
        CommandLine root = new CommandLine(new RootCommand(console));
        ALL.forEach((name, make) -> root.addSubcommand(name, command(name, console)));
        return configured(root, console);
    }

    /** The tree with one command only: building the others would cost a start of the program noticeable time. */
    static CommandLine only(String name, Console console) {
        return configured(new CommandLine(new RootCommand(console)).addSubcommand(name, command(name, console)),
            console);
    }

    private static CommandLine command(String name, Console console) {
        CommandLine line = new CommandLine(ALL.get(name).apply(console));
        return name.equals("bench") ? line.addSubcommand("kernels", new BenchKernelsCommand(console))
            .addSubcommand("report", new BenchReportCommand(console)) : line;
    }

    private static CommandLine configured(CommandLine root, Console console) {
        converter(root, Size.class, Size::parse);
        converter(root, Rng.class, Rng::of);
        converter(root, Dialect.class, Dialect::of);
        converter(root, Spacing.class, Spacing::of);
        converter(root, Bytes.class, Bytes::parse);
        converter(root, Interval.class, Interval::parse);
        converter(root, Axis.class, Axis::parse);
        root.setExpandAtFiles(false); // a prompt may start with @
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setOverwrittenOptionsAllowed(true);
        root.setUsageHelpWidth(Console.WIDTH);
        root.setColorScheme(CommandLine.Help.defaultColorScheme(console.outTerminal() ? Ansi.ON : Ansi.OFF));
        root.setOut(new PrintWriter(console.out(), true));
        root.setErr(new PrintWriter(console.err(), true));
        root.getSubcommands().values().forEach(Commands::layOut);
        return root;
    }

    private static void layOut(CommandLine command) {
        command.getCommandSpec().usageMessage().descriptionHeading("%n").parameterListHeading("%n")
            .commandListHeading("%nCommands:%n");
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpSections::render);
        command.getSubcommands().values().forEach(Commands::layOut);
    }

    private static <T> void converter(CommandLine root, Class<T> type, ITypeConverter<T> parse) {
        root.registerConverter(type, text -> {
            try {
                return parse.convert(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        });
    }
}
