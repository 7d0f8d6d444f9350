package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.image.Grid;
import org.daguerre.image.Image;
import org.daguerre.image.PngWriter;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code daguerre grid PROMPT --x sampler=euler,ddim --y steps=5,10,20}. */
@CommandLine.Command(name = "grid", sortOptions = false, abbreviateSynopsis = true,
    description = "An X/Y plot: one labelled picture over the values of one or two options.",
    footer = {"", "Example:",
        "  daguerre grid \"a red circle\" --x sampler=ddim,euler --y steps=5,10,20"})
final class GridCommand extends Command {
    /** Under which a plot stores the command that made it. */
    static final String KEY = "grid";

    @Parameters(index = "0", arity = "0..1", paramLabel = "PROMPT", description = "What the pictures shall show.")
    Optional<String> prompt;

    @Option(names = "--x", required = true, paramLabel = "OPTION=A,B",
        description = "Values across: any option of txt2img without its hyphens; 1..4 counts; prompt=A,B replaces A in "
            + "the prompt.")
    Axis x;

    @Option(names = "--y", paramLabel = "OPTION=A,B", description = "Values down.")
    Optional<Axis> y;

    @Mixin
    RequestOptions options = new RequestOptions();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    /** One picture of the plot. */
    private record Cell(ModelOptions model, Request request) {
    }

    GridCommand(Console console) {
        super(console);
    }

    @Override
    void execute() throws IOException {
        long seed = options.builder(prompt).build().seed();
        List<Cell> cells = new ArrayList<>();
        for (String row : y.map(Axis::values).orElse(List.of(""))) {
            for (String column : x.values()) {
                cells.add(cell(seed, column, row));
            }
        }
        String target = output.output.orElse("daguerre-grid-" + seed + ".png");
        Path file = Outputs.plan(Optional.of(target), List.of(seed)).get(0);
        List<Image> pictures = generate(cells);
        Image sheet = Grid.labelled(pictures, x.values().size(), x.labels(), y.map(Axis::labels).orElse(List.of()));
        PngWriter.write(file, sheet, Map.of(KEY, command(seed)));
        print(output.json ? JsonResults.object().put("file", file.toString()).put("seed", seed)
            .put("width", sheet.width())
            .put("height", sheet.height()).put("pictures", pictures.size()).toPrettyString()
            : file + "  seed " + seed + ", " + sheet.width() + "x" + sheet.height());
    }

    /** Makes the same plot again. */
    private String command(long seed) {
        String given = arguments().stream().map(StoredSettings::quote).collect(Collectors.joining(" ", "daguerre ", ""));
        return options.picture.seed.isPresent() ? given : given + " --seed " + seed;
    }

    private List<String> arguments() {
        return spec.root().commandLine().getParseResult().originalArgs();
    }

    /** This command line once more, with the cell's values behind the others, so that they win. */
    private Cell cell(long seed, String column, String row) throws IOException {
        List<String> args = new ArrayList<>(arguments());
        int end = args.contains("--") ? args.indexOf("--") : args.size();
        y.flatMap(a -> a.argument(row)).ifPresent(a -> args.add(end, a));
        x.argument(column).ifPresent(a -> args.add(end, a));
        if (options.picture.seed.isEmpty()) {
            args.add(1, "--seed=" + seed);
        }
        CommandLine line = Commands.only(spec.name(), console());
        try {
            line.parseArgs(args.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new IllegalArgumentException("--x, --y: " + e.getMessage(), e);
        }
        GridCommand c = (GridCommand) line.getSubcommands().get(spec.name()).getCommand();
        String across = x.prompt(c.options.text(c.prompt), column);
        String text = y.map(a -> a.prompt(across, row)).orElse(across);
        return new Cell(c.model, c.options.builder(Optional.of(text)).batch(1).build());
    }

    /** Cells of the same model share a session. */
    private List<Image> generate(List<Cell> cells) {
        Map<List<?>, List<Integer>> sessions = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            sessions.computeIfAbsent(cells.get(i).model().identity(), k -> new ArrayList<>()).add(i);
        }
        Image[] pictures = new Image[cells.size()];
        for (List<Integer> group : sessions.values()) {
            try (Daguerre sd = cells.get(group.get(0)).model().builder().open()) {
                note(sd.engine());
                for (int i : group) {
                    pictures[i] = generate(sd, cells.get(i).request(), i + 1 + "/" + cells.size());
                }
            }
        }
        return Arrays.asList(pictures);
    }

    private Image generate(Daguerre sd, Request request, String task) {
        if (console().cancelled().getAsBoolean()) {
            throw new CancellationException();
        }
        boolean bar = !standard.quiet && (console().errTerminal() || output.progress);
        try (ProgressDisplay display = new ProgressDisplay(console(), task, bar, output.preview)) {
            return sd.generate(request.toBuilder().onProgress(display).build()).picture().pixels();
        }
    }
}
