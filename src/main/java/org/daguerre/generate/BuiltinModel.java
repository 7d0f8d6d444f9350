package org.daguerre.generate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The demo model inside the jar. Models are read from files, so it is unpacked once per version into the user's cache folder. */
public final class BuiltinModel {
    private static final String ROOT = "/org/daguerre/demo-model/";
    private static final List<String> FILES = List.of("model_index.json", "scheduler/scheduler_config.json", "text_encoder/config.json",
        "text_encoder/model.safetensors", "tokenizer/merges.txt", "tokenizer/special_tokens_map.json", "tokenizer/tokenizer_config.json",
        "tokenizer/vocab.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors");

    private BuiltinModel() {
    }

    /** Folder in the diffusers layout. */
    public static Path folder() {
        URL index = BuiltinModel.class.getResource(ROOT + FILES.get(0));
        if (index == null) {
            throw new IllegalStateException("built-in model: expected it in the jar, found nothing at " + ROOT);
        }
        try {
            return index.getProtocol().equals("file") ? Path.of(index.toURI()).getParent() : unpack();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("built-in model: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("built-in model: cannot unpack it: " + e.getMessage(), e);
        }
    }

    private static Path unpack() throws IOException {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        Path folder = writable(base.resolve("daguerre")).resolve("daguerre-demo");
        for (String name : FILES) {
            Path file = folder.resolve(name);
            try (InputStream in = BuiltinModel.class.getResourceAsStream(ROOT + name)) {
                long size = BuiltinModel.class.getResource(ROOT + name).openConnection().getContentLengthLong();
                if (!Files.exists(file) || Files.size(file) != size) {
                    Files.createDirectories(file.getParent());
                    Path part = Files.createTempFile(file.getParent(), "part", null);
                    Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
                    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return folder;
    }

    /** The cache folder, or a temporary one where the home folder cannot be written. */
    private static Path writable(Path wanted) throws IOException {
        try {
            Files.createDirectories(wanted);
            if (Files.isWritable(wanted)) {
                return wanted;
            }
        } catch (IOException e) {
            // fall through: a read-only home is common in containers
        }
        return Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir"), "daguerre-" + System.getProperty("user.name")));
    }
}
