package org.daguerre.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.daguerre.generate.BuiltinModel;
import org.daguerre.image.PngText;
import org.daguerre.tensor.DType;
import org.daguerre.weights.ModelInfo;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daguerre info MODEL|PNG}. */
@CommandLine.Command(name = "info", sortOptions = false,
    description = "What a model file holds, or how a picture was made.")
final class InfoCommand extends Command {
    private static final int SHOWN = 10;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL|PNG",
        description = "Diffusers folder, single file, LoRA, ControlNet, ..., or a picture; default: the built-in "
            + "model.")
    Optional<Path> path;

    @Option(names = "--json", description = "Print as JSON.")
    boolean json;

    InfoCommand(Console console) {
        super(console);
    }

    @Override
    void execute() throws IOException {
        Path file = path.orElseGet(BuiltinModel::folder);
        if (Files.isRegularFile(file) && Outputs.isPng(file)) {
            picture(file);
        } else {
            ModelInfo info = ModelInfo.describe(file);
            if (json) {
                print(json(info).toPrettyString());
            } else {
                model(info);
            }
        }
    }

    private void picture(Path file) throws IOException {
        Optional<StoredSettings> stored = StoredSettings.read(file);
        if (stored.isEmpty()) {
            Map<String, String> texts = PngText.read(file);
            if (texts.containsKey(GridCommand.KEY)) {
                String command = texts.get(GridCommand.KEY);
                print(json ? JsonResults.object().put("command", command).toPrettyString() : command);
                return;
            }
            throw new IOException(file + ": expected a picture with its parameters, found "
                + (texts.isEmpty() ? "no text" : "only the texts " + String.join(", ", texts.keySet())));
        }
        StoredSettings s = stored.get();
        if (json) {
            ObjectNode root = JsonResults.object().put("prompt", s.text().prompt());
            s.text().negative().ifPresent(n -> root.put("negative", n));
            ObjectNode settings = root.putObject("settings");
            s.text().settings().forEach(settings::put);
            print(root.put("command", s.command()).toPrettyString());
            return;
        }
        row("Prompt", s.text().prompt());
        s.text().negative().ifPresent(n -> row("Negative", n));
        s.text().settings().forEach(this::row);
        print("");
        print(s.command());
    }

    private void row(String name, String value) {
        String[] lines = value.split("\n", -1);
        print(String.format("%-24s %s", name, lines[0]));
        for (int i = 1; i < lines.length; i++) {
            print(" ".repeat(25) + lines[i]);
        }
    }

    private void model(ModelInfo info) {
        row("File", info.path().toString());
        row("Kind", info.kind().title());
        row("Family", info.family().title());
        info.task().ifPresent(t -> row("Task", t.name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        info.prediction().ifPresent(p -> row("Predicts", p.type() + (p.zeroTerminalSnr() ? ", zero terminal SNR" : "")
            + " (" + p.reason() + ")"));
        print("");
        print(String.format("%-24s %8s %14s %10s  %s", "Part", "tensors", "parameters", "size", "types"));
        for (ModelInfo.Part p : info.parts()) {
            print(String.format(Locale.ROOT, "%-24s %8d %,14d %10s  %s", p.name(), p.tensors(), p.parameters(),
                Bytes.show(p.bytes()),
                types(p)));
        }
        print(String.format(Locale.ROOT, "%-24s %8d %,14d %10s", "in all",
            info.parts().stream().mapToInt(ModelInfo.Part::tensors).sum(),
            info.parameters(), Bytes.show(info.bytes())));
        if (!info.skipped().isEmpty()) {
            print("");
            print("Not used, knowingly: " + info.skipped().size() + " tensors");
            info.skipped().values().stream().collect(Collectors.groupingBy(r -> r, Collectors.counting()))
                .forEach((reason, count) -> print("  " + count + ": " + reason));
        }
        if (!info.unknown().isEmpty()) {
            print("");
            print("Not known: " + info.unknown().size() + " tensors");
            info.unknown().stream().limit(SHOWN).forEach(name -> print("  " + name));
        }
        if (!info.metadata().isEmpty()) {
            print("");
            info.metadata().forEach((key, value) -> row(key, value.length() > 200 ? value.substring(0, 200) + "..."
                : value));
        }
    }

    /** Types with their share, if there is more than one. */
    private static String types(ModelInfo.Part p) {
        return p.dtypes().entrySet().stream().sorted(Map.Entry.<DType, Long>comparingByValue().reversed())
            .map(e -> e.getKey().name().toLowerCase(Locale.ROOT)
                + (p.dtypes().size() == 1 ? "" : String.format(Locale.ROOT, " %.1f %%", 100.0 * e.getValue()
                / p.parameters())))
            .collect(Collectors.joining(", "));
    }

    private static ObjectNode json(ModelInfo info) {
        ObjectNode root = JsonResults.object().put("file", info.path().toString()).put("kind", info.kind().title())
            .put("family", info.family().title());
        info.task().ifPresent(t -> root.put("task", t.name().toLowerCase(Locale.ROOT)));
        info.prediction().ifPresent(p -> root.put("prediction", p.type()).put("zero_snr", p.zeroTerminalSnr()));
        for (ModelInfo.Part p : info.parts()) {
            ObjectNode part = root.withArray("parts").addObject().put("name", p.name()).put("tensors", p.tensors())
                .put("parameters", p.parameters()).put("bytes", p.bytes());
            p.dtypes().forEach((type, count) -> part.withObject("/types")
                .put(type.name().toLowerCase(Locale.ROOT), count));
        }
        root.put("skipped", info.skipped().size());
        info.unknown().forEach(root.withArray("unknown")::add);
        ObjectNode metadata = root.putObject("metadata");
        info.metadata().forEach(metadata::put);
        return root;
    }
}
