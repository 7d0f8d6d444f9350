package org.daguerre.weights.dialect;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;


/**
 * A checkpoint seen under other names, with the few changes of shape that go with them. Nothing is read before a tensor
 * is asked for. Closing it closes the checkpoint behind it, unless {@link #sharingFile} was called.
 */
public final class MappedCheckpoint implements Checkpoint {
    /** Where a tensor comes from. */
    record Recipe(List<String> sources, Transform transform) {
    }

    private final Checkpoint source;
    private final Map<String, Recipe> recipes = new LinkedHashMap<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private final Set<String> unknown = new LinkedHashSet<>();
    private boolean closesFile = true;

    MappedCheckpoint(Checkpoint source) {
        this.source = source;
    }

    void put(String name, List<String> sources, Transform transform) {
        if (recipes.put(name, new Recipe(sources, transform)) != null) {
            throw CheckpointException.of(source.source(), "one tensor for " + name,
                "several, " + sources + " among them");
        }
    }

    void skip(String sourceName, String reason) {
        skipped.put(sourceName, reason);
    }

    void unknown(String sourceName) {
        unknown.add(sourceName);
    }

    /** This view, which from now on leaves the file open when it is closed; for several views of one file. */
    public MappedCheckpoint sharingFile() {
        closesFile = false;
        return this;
    }

    /** Names in the file that are known to be of no use here, with the reason. */
    public Map<String, String> skipped() {
        return Collections.unmodifiableMap(skipped);
    }

    /** Names in the file that no rule knows. */
    public Set<String> unknown() {
        return Collections.unmodifiableSet(unknown);
    }

    /** Names in the file that a tensor of this view is made of. */
    public List<String> sourcesOf(String name) {
        return recipe(name).sources();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(recipes.keySet());
    }

    private Recipe recipe(String name) {
        Recipe recipe = recipes.get(name);
        if (recipe == null) {
            throw CheckpointException.of(source.source(), "tensor " + name, "no such tensor");
        }
        return recipe;
    }

    @Override
    public Shape shape(String name) {
        Recipe r = recipe(name);
        return r.transform().shape(r.sources().stream().map(source::shape).toList());
    }

    @Override
    public DType dtype(String name) {
        return source.dtype(recipe(name).sources().get(0));
    }

    @Override
    public HostTensor tensor(String name) {
        Recipe r = recipe(name);
        return r.transform().apply(name, r.sources().stream().map(source::tensor).toList());
    }

    @Override
    public Map<String, String> metadata() {
        return source.metadata();
    }

    @Override
    public Path source() {
        return source.source();
    }

    @Override
    public void close() {
        if (closesFile) {
            source.close();
        }
    }
}
