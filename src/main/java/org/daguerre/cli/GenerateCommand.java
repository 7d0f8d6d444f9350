package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.LongStream;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.tensor.HostTensor;
import picocli.CommandLine.Mixin;

/** A command that makes pictures: checks everything that can be checked, opens the model, generates, writes. */
abstract class GenerateCommand extends Command {
    @Mixin
    RequestOptions options = new RequestOptions();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    ParityOptions parity = new ParityOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    GenerateCommand(Console console) {
        super(console);
    }

    /** The prompt among the arguments, if it is there. */
    abstract Optional<String> prompt();

    /** Adds the command's own pictures and options. */
    abstract void complete(Request.Builder b) throws IOException;

    /** Depth given as numbers. */
    Optional<HostTensor> givenDepth() {
        return Optional.empty();
    }

    @Override
    final void execute() throws IOException {
        Request.Builder b = options.builder(prompt());
        complete(b);
        parity.apply(b, givenDepth(), this::note);
        Request request = b.build();
        Daguerre.Builder session = model.builder();
        List<Path> files = Outputs.plan(output.output, seeds(request));
        parity.checkWritable();
        if (output.preview.isPresent()) {
            Outputs.checkWritable("--preview", output.preview.get());
        }
        try (Daguerre sd = session.open()) {
            note(sd.engine());
            Result result = generate(sd, request);
            tokens(sd, request);
            parity.write();
            for (int i = 0; i < files.size(); i++) {
                result.pictures().get(i).save(files.get(i));
            }
            report(sd, result, files);
        }
    }

    private Result generate(Daguerre sd, Request request) {
        if (console().cancelled().getAsBoolean()) {
            throw new CancellationException();
        }
        boolean bar = !standard.quiet && (console().errTerminal() || output.progress);
        try (ProgressDisplay display = new ProgressDisplay(console(), "Sampling", bar, output.preview)) {
            return sd.generate(request.toBuilder().onProgress(display).build());
        }
    }

    /** As the session numbers them. */
    private static List<Long> seeds(Request r) {
        boolean same = r.variation().strength() > 0;
        return LongStream.range(0, r.batch()).mapToObj(i -> same ? r.seed() : r.seed() + i).toList();
    }

    private void tokens(Daguerre sd, Request request) {
        if (standard.verbose) {
            note("prompt: " + sd.tokens(request.prompt(), request.emphasis()));
            request.negative().ifPresent(n -> note("negative prompt: " + sd.tokens(n, request.emphasis())));
        }
    }

    private void report(Daguerre sd, Result result, List<Path> files) {
        if (output.json) {
            print(JsonResults.of(sd, result, files));
            return;
        }
        for (int i = 0; i < files.size(); i++) {
            Result.Picture picture = result.pictures().get(i);
            print(files.get(i) + "  seed " + picture.seed() + ", " + picture.pixels().width() + "x"
                + picture.pixels().height());
        }
        Result.Timings t = result.timings();
        note(String.format(Locale.ROOT, "%d steps in %.2f s, decoding %.2f s, in all %.2f s", t.steps().size(),
            t.steps().stream().mapToDouble(ms -> ms).sum() / 1000, t.decode() / 1000, t.total() / 1000));
    }
}
