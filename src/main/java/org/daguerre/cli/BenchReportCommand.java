package org.daguerre.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.daguerre.bench.MarkdownReport;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daguerre bench report}. */
@CommandLine.Command(name = "report", sortOptions = false, abbreviateSynopsis = true,
    description = "Write files of bench --json, and of other programs with the same keys, as one page of Markdown.")
final class BenchReportCommand extends Command {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Reports; several of the same work are rounds of one measurement.")
    List<Path> files;

    @Option(names = "--notes", paramLabel = "FILE", description = "Text that begins the page.")
    Optional<Path> notes;

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "FILE", description = "The page; - is standard output.")
    String output;

    BenchReportCommand(Console console) {
        super(console);
    }

    @Override
    void execute() throws IOException {
        List<JsonNode> reports = new ArrayList<>();
        for (Path file : files) {
            reports.add(JsonResults.parse(Files.readString(file)));
        }
        String page = (notes.isPresent() ? Files.readString(notes.get()) + "\n" : "") + MarkdownReport.of(reports).strip();
        if (output.equals("-")) {
            print(page);
        } else {
            Outputs.writeText(Path.of(output), page + "\n");
        }
    }
}
