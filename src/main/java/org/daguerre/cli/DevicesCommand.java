package org.daguerre.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.daguerre.backend.Engines;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code daguerre devices}. */
@CommandLine.Command(name = "devices", sortOptions = false,
    description = "Engines found, and why another is not available.")
final class DevicesCommand extends Command {
    @Option(names = "--json", description = "Print the list as JSON.")
    boolean json;

    DevicesCommand(Console console) {
        super(console);
    }

    @Override
    void execute() {
        List<Engines.Status> all = Engines.list();
        if (json) {
            var root = JsonResults.object();
            all.forEach(s -> root.withArray("engines").addObject().put("name", s.name()).put("available", s.available())
                .put("detail", String.join("; ", lines(s))));
            print(root.toPrettyString());
            return;
        }
        for (Engines.Status s : all) {
            String head = String.format("%-9s %-4s", s.name(), s.available() ? "yes" : "no");
            for (String line : lines(s)) {
                print(head + " " + line);
                head = " ".repeat(head.length());
            }
        }
    }

    /** One line for each device; plug-ins describe theirs as a JSON list. */
    private static List<String> lines(Engines.Status s) {
        if (!s.available() || !s.detail().startsWith("[")) {
            return List.of(s.detail());
        }
        List<String> lines = new ArrayList<>();
        for (JsonNode d : JsonResults.parse(s.detail())) {
            lines.add(d.path("index").asText() + ": " + d.path("name").asText() + ", " + d.path("detail").asText());
        }
        return lines;
    }
}
