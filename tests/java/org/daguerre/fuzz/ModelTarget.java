package org.daguerre.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.tensor.BackendException;
import org.daguerre.weights.CheckpointException;

/** A whole model with one of its configurations replaced: it makes a picture, or says why it cannot. */
public final class ModelTarget {
    private static final Path MODEL = Path.of("tests/fixtures/models/tiny-sd1").toAbsolutePath();
    private static final List<String> REPLACED = List.of("unet/config.json", "vae/config.json", "text_encoder/config.json",
        "scheduler/scheduler_config.json", "model_index.json");

    private static final FuzzFile FILES = links();

    private ModelTarget() {
    }

    static Stream<byte[]> seeds() throws IOException {
        Corpus corpus = Corpus.of("model");
        for (int i = 0; i < REPLACED.size(); i++) {
            corpus.with((i + Files.readString(MODEL.resolve(REPLACED.get(i)))).getBytes(StandardCharsets.UTF_8));
        }
        return corpus.stream();
    }

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        Choices choices = new Choices(data);
        String replaced = REPLACED.get(choices.next() % 48 % REPLACED.size());
        FILES.write(replaced, choices.rest());
        try (Daguerre model = Daguerre.builder().model(FILES.folder()).device("java").memoryLimit(1 << 28).open()) {
            Request request = Request.builder("a red circle").size(16, 16).steps(1).build();
            assertFalse(model.generate(request).pictures().isEmpty());
        } catch (CheckpointException | IllegalArgumentException | BackendException e) {
            // refused: the other good end
        } catch (ArithmeticException e) {
            assertTrue(e.getMessage().contains("not finite"), e.toString());
        } finally {
            FILES.remove(replaced);
            Files.createSymbolicLink(FILES.folder().resolve(replaced), MODEL.resolve(replaced));
        }
    }

    /** Every file is a link to the real one, until it is replaced. */
    private static FuzzFile links() {
        FuzzFile files = new FuzzFile();
        try (Stream<Path> all = Files.walk(MODEL)) {
            for (Path file : (Iterable<Path>) all::iterator) {
                Path here = files.folder().resolve(MODEL.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(here);
                } else {
                    Files.createSymbolicLink(here, file);
                }
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
