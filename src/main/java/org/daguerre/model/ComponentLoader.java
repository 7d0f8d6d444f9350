package org.daguerre.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.daguerre.nn.ModelMemory;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.text.ClipTokenizer;
import org.daguerre.text.TextEncoder;
import org.daguerre.text.TextEncoderConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.ModelSource;
import org.daguerre.weights.Weights;

/** Loads components of a model source into an engine; keeps the files open, because adapters read original weights again. */
public final class ComponentLoader implements AutoCloseable {
    private final ModelSource source;
    private final Backend backend;
    private final DType type;
    private final boolean onDemand;
    private final List<Checkpoint> files = new ArrayList<>();

    /** @param onDemand whether weights are in the engine only while they are used */
    public ComponentLoader(ModelSource source, Backend backend, DType type, boolean onDemand) {
        this.onDemand = onDemand;
        this.source = source;
        this.backend = backend;
        this.type = type;
    }

    public ModelSource source() {
        return source;
    }

    public Backend backend() {
        return backend;
    }

    /** Type of the activations. */
    public DType type() {
        return type;
    }

    /**
     * Loads one network.
     *
     * @throws CheckpointException if a tensor is missing, misshapen, or left over
     */
    public <T extends AutoCloseable> T load(String component, DType activations, BiFunction<ModelMemory, Weights, T> loader) {
        if (!source.has(component)) {
            throw CheckpointException.of(source.path(), "a model with the component " + component, "only " + source.components());
        }
        Checkpoint file = source.weights(component);
        files.add(file);
        Weights weights = Weights.of(file);
        T network = loader.apply(new ModelMemory(Ops.on(backend, activations), onDemand), weights);
        Set<String> unused = weights.unused();
        if (!unused.isEmpty()) {
            throw CheckpointException.of(file.source(), "only tensors that the " + component + " has", unused.size()
                + " more, such as " + unused.iterator().next());
        }
        return network;
    }

    public JsonConfig config(String component) {
        return source.config(component);
    }

    /** A text encoder with its tokenizer: the model's own, or CLIP's with the given padding. */
    public PromptEncoder promptEncoder(String component, String tokenizer, int defaultPadId) {
        TextEncoderConfig config = TextEncoderConfig.of(config(component));
        ClipTokenizer words = source.folder(tokenizer).map(ClipTokenizer::load)
            .orElseGet(() -> defaultPadId < 0 ? ClipTokenizer.builtin() : ClipTokenizer.builtin().withPadId(defaultPadId));
        if (words.vocabSize() != config.vocabulary()) {
            throw CheckpointException.of(source.folder(tokenizer).orElse(source.path()), "a vocabulary of " + config.vocabulary()
                + " tokens as the " + component + " has", String.valueOf(words.vocabSize()));
        }
        return new PromptEncoder(words, load(component, type, (memory, w) -> TextEncoder.load(memory, w, config)));
    }

    public Path path() {
        return source.path();
    }

    @Override
    public void close() {
        files.forEach(Checkpoint::close);
        source.close();
    }
}
