package org.daguerre.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.daguerre.Adapters;
import org.daguerre.Request;
import org.daguerre.text.ExtraNetworks;
import picocli.CommandLine.Option;

/** LoRAs, textual inversions and hypernetworks, by option or by a tag in the prompt. */
final class AdapterOptions {
    private static final List<String> EXTENSIONS = List.of("", ".safetensors", ".pt", ".ckpt", ".bin");
    private static final int DEPTH = 8;

    @Option(names = "--lora", paramLabel = "FILE[:W]",
        description = "LoRA with its weight (repeatable); FILE:U:T weighs U-Net and text encoder apart.")
    List<String> loras = new ArrayList<>();

    @Option(names = "--lora-dir", paramLabel = "DIR",
        description = "Where <lora:name:weight> and <hypernet:name:weight> in the prompt are looked up.")
    Optional<Path> loraDir;

    @Option(names = "--embedding", paramLabel = "FILE[:WORD]",
        description = "Textual inversion and the word for it in the prompt (repeatable); default: the name in the "
            + "file.")
    List<String> embeddings = new ArrayList<>();

    @Option(names = "--hypernetwork", paramLabel = "FILE[:S]", description = "Hypernetwork with its strength.")
    Optional<String> hypernetwork;

    /** Sets prompt and adapters; tags in the prompt become adapters. */
    void apply(Request.Builder b, String prompt) {
        ExtraNetworks tags = ExtraNetworks.parse(prompt);
        Checks.check("PROMPT", () -> b.prompt(tags.prompt().strip()));
        List<Adapters.LoraUse> uses = new ArrayList<>();
        for (String text : loras) {
            FileAndNumbers f = FileAndNumbers.parse(text, 2);
            double unet = f.number(0, 1);
            uses.add(new Adapters.LoraUse(find("--lora", f.file()), unet, f.number(1, unet)));
        }
        Optional<Adapters.HypernetworkUse> hyper = hypernetwork.map(text -> {
            FileAndNumbers f = FileAndNumbers.parse(text, 1);
            return new Adapters.HypernetworkUse(find("--hypernetwork", f.file()), f.number(0, 1));
        });
        for (ExtraNetworks.Network n : tags.networks()) {
            Path file = find("<" + n.name() + "> in the prompt", Path.of(n.name()));
            if (n.kind() == ExtraNetworks.Kind.LORA) {
                uses.add(new Adapters.LoraUse(file, n.unetWeight(), n.textWeight()));
            } else if (hyper.isPresent()) {
                throw new IllegalArgumentException("hypernetwork: expected one, found " + hyper.get().file() + " and "
                    + n.name());
            } else {
                hyper = Optional.of(new Adapters.HypernetworkUse(file, n.unetWeight()));
            }
        }
        b.adapters(new Adapters(uses, embeddings.stream().map(this::embedding).toList(), hyper));
    }

    private Adapters.Embedding embedding(String text) {
        int colon = text.lastIndexOf(':');
        boolean word = colon > 0 && !Files.exists(Path.of(text));
        return word ? new Adapters.Embedding(find("--embedding", Path.of(text.substring(0, colon))),
            Optional.of(text.substring(colon + 1)))
            : new Adapters.Embedding(find("--embedding", Path.of(text)), Optional.empty());
    }

    /** The file itself, or one of that name, with or without its extension, anywhere below {@code --lora-dir}. */
    private Path find(String what, Path name) {
        if (Files.isRegularFile(name)) {
            return name;
        }
        if (loraDir.isPresent()) {
            try (Stream<Path> files = Files.walk(loraDir.get(), DEPTH)) {
                Optional<Path> found = files.filter(f -> EXTENSIONS.stream().anyMatch(e -> f.endsWith(name + e)))
                    .filter(Files::isRegularFile).sorted().findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
            } catch (IOException | UncheckedIOException e) {
                throw new IllegalArgumentException("--lora-dir: expected a folder, found " + loraDir.get());
            }
        }
        throw new IllegalArgumentException(what + ": expected a file" + loraDir.map(d -> ", also below " + d)
            .orElse("") + ", found no "
            + name + (loraDir.isEmpty() ? " (--lora-dir names the folder for names)" : ""));
    }
}
