package org.daguerre.generate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.daguerre.Adapters;
import org.daguerre.adapter.Hypernetwork;
import org.daguerre.adapter.LearnedWords;
import org.daguerre.adapter.TextualInversion;
import org.daguerre.adapter.lora.Lora;
import org.daguerre.adapter.lora.LoraMerger;
import org.daguerre.adapter.lora.LoraUse;
import org.daguerre.model.Model;
import org.daguerre.model.PromptEncoder;
import org.daguerre.nn.ModelMemory;
import org.daguerre.tensor.Ops;
import org.daguerre.unet.ContextTransform;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The adapters that are in force on one model. Applying a request's adapters first undoes what an earlier request had and this one has not. */
final class AdapterState implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdapterState.class);
    private static final int REMEMBERED = 16;

    private final Model model;
    private final UNetRunner runner;
    private final LoraMerger loras;
    private final FileCache<Lora> loraFiles = new FileCache<>(REMEMBERED);
    private final FileCache<TextualInversion> inversionFiles = new FileCache<>(REMEMBERED);
    private final FileCache<Hypernetwork> hypernetworkFiles = new FileCache<>(2);
    private List<Object> applied = List.of();

    AdapterState(Model model, UNetRunner runner) {
        this.model = model;
        this.runner = runner;
        loras = new LoraMerger(model.unetMemory(), memory(0), memory(1));
    }

    private ModelMemory memory(int encoder) {
        List<PromptEncoder> all = model.text().encoders();
        return encoder < all.size() && all.get(encoder) != null ? all.get(encoder).encoder().memory() : null;
    }

    /**
     * What is in force.
     *
     * @param key   equal for equal adapters, file contents included
     * @param hyper or null
     */
    record InForce(Object key, ContextTransform hyper) {
    }

    /**
     * Identity of adapters, contents of their files included.
     *
     * @param weights what changes the model itself
     * @param hyper   what changes only the runs that have it
     */
    record Key(List<Object> weights, List<Object> hyper) {
    }

    /** @param key of {@code wanted}, as it was when the request arrived */
    InForce apply(Adapters wanted, Key key) {
        if (!key.weights.equals(applied)) {
            applied = List.of("in between");
            runner.forget();
            List<LoraUse> uses = new ArrayList<>();
            for (Adapters.LoraUse use : wanted.loras()) {
                uses.add(new LoraUse(loraFiles.get(use.file(), AdapterState::readLora), use.unetWeight(), use.textWeight()));
            }
            List<String> unused = loras.apply(uses);
            if (!unused.isEmpty()) {
                LOG.warn("LoRA: {} names stand for nothing in this model, such as {}", unused.size(), unused.get(0));
            }
            learn(wanted.embeddings());
            applied = key.weights;
        }
        Optional<ContextTransform> hyper = wanted.hypernetwork()
            .map(h -> hypernetworkFiles.get(h.file(), this::readHypernetwork).transform(h.strength()));
        loraFiles.trim();
        inversionFiles.trim();
        hypernetworkFiles.trim();
        return new InForce(key, hyper.orElse(null));
    }

    private void learn(List<Adapters.Embedding> embeddings) {
        LearnedWords words = new LearnedWords();
        for (Adapters.Embedding e : embeddings) {
            words.add(e.token().orElse(""), inversionFiles.get(e.file(), AdapterState::readInversion));
        }
        List<PromptEncoder> encoders = model.text().encoders();
        for (int i = 0; i < encoders.size(); i++) {
            PromptEncoder encoder = encoders.get(i);
            boolean known = encoder == null || embeddings.isEmpty() && encoder.extensions().vectors() == 0;
            if (!known) {
                encoder.extend(words.extensions(encoder.encoder().config().vocabulary()),
                    embeddings.isEmpty() ? new float[0] : words.vectors(i, encoder.encoder().config().width()));
            }
        }
    }

    static Key key(Adapters wanted) {
        List<Object> key = new ArrayList<>();
        for (Adapters.LoraUse l : wanted.loras()) {
            key.add(List.of("lora", FileCache.Stamp.of(l.file()), l.unetWeight(), l.textWeight()));
        }
        for (Adapters.Embedding e : wanted.embeddings()) {
            key.add(List.of("embedding", FileCache.Stamp.of(e.file()), e.token()));
        }
        List<Object> hyper = wanted.hypernetwork().map(h -> List.<Object>of(FileCache.Stamp.of(h.file()), h.strength())).orElse(List.of());
        return new Key(key, hyper);
    }

    private static Lora readLora(Path path) {
        try (Checkpoint file = Checkpoints.open(path)) {
            return Lora.read(file);
        }
    }

    private static TextualInversion readInversion(Path path) {
        try (Checkpoint file = Checkpoints.open(path)) {
            return TextualInversion.read(file);
        }
    }

    private Hypernetwork readHypernetwork(Path path) {
        try (Checkpoint file = Checkpoints.open(path)) {
            return Hypernetwork.load(Ops.on(model.backend()), file);
        }
    }

    @Override
    public void close() {
        hypernetworkFiles.close();
    }
}
