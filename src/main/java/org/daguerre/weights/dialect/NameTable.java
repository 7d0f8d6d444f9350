package org.daguerre.weights.dialect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;

/**
 * Rules between the original names of one network and its diffusers names. A rule binds two dotted prefixes; the
 * longest prefix of a name, ending at a dot or at the name's end, decides and the rest of the name stays. Special rules
 * say that a 1x1 convolution is a matrix on the other side, that one stacked tensor is three, or that a matrix is
 * transposed.
 */
public final class NameTable {
    private static final Transform SAME = new Transform.Same();

    private record Split(String original, int index, int parts) {
    }

    private final Map<String, String> toDiffusers = new HashMap<>();
    private final Map<String, String> toOriginal = new HashMap<>();
    private final Map<String, Boolean> matrices = new HashMap<>();
    private final Map<String, List<String>> splits = new HashMap<>();
    private final Map<String, Split> parts = new HashMap<>();
    private final Map<String, String> transposed = new HashMap<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private final boolean passThrough;

    private NameTable(boolean passThrough) {
        this.passThrough = passThrough;
    }

    /** A table that knows no name yet. */
    static NameTable empty() {
        return new NameTable(false);
    }

    /** A table that leaves names without a rule as they are. */
    static NameTable identity() {
        return new NameTable(true);
    }

    /** For files whose names are those of diffusers already. */
    public static NameTable unchanged() {
        return identity();
    }

    NameTable both(String original, String diffusers) {
        toDiffusers.put(original, diffusers);
        toOriginal.put(diffusers, original);
        return this;
    }

    /** Another original spelling; the way back leads to the first. */
    NameTable alias(String original, String diffusers) {
        toDiffusers.put(original, diffusers);
        return this;
    }

    /** The module's weight is a 1x1 convolution in the original and a matrix in diffusers. */
    NameTable matrix(String original, String diffusers) {
        matrices.put(diffusers + ".weight", true);
        return both(original, diffusers);
    }

    /** One original tensor, stacked along its rows, is several. */
    NameTable split(String original, List<String> diffusers) {
        splits.put(original, diffusers);
        for (int i = 0; i < diffusers.size(); i++) {
            parts.put(diffusers.get(i), new Split(original, i, diffusers.size()));
        }
        return this;
    }

    /** A matrix that is stored the other way round. */
    NameTable transposed(String original, String diffusers) {
        transposed.put(original, diffusers);
        toOriginal.put(diffusers, original);
        return this;
    }

    /** Original names, from this prefix on, that have no counterpart. */
    NameTable skip(String original, String reason) {
        skipped.put(original, reason);
        return this;
    }

    /** The diffusers name of a module or tensor, where one name stands for one. */
    public Optional<String> toDiffusers(String original) {
        return translate(toDiffusers, original);
    }

    /** The original name of a module or tensor, where one name stands for one. */
    public Optional<String> toOriginal(String diffusers) {
        return translate(toOriginal, diffusers);
    }

    /** Which part of its stacked original a diffusers tensor is, counted from 0; -1 if it is not one of several. */
    int partOf(String diffusers) {
        return parts.containsKey(diffusers) ? parts.get(diffusers).index() : -1;
    }

    private Optional<String> translate(Map<String, String> rules, String name) {
        return longestPrefix(rules, name).map(head -> rules.get(head) + name.substring(head.length()))
            .or(() -> passThrough ? Optional.of(name) : Optional.empty());
    }

    private static Optional<String> longestPrefix(Map<String, ?> rules, String name) {
        for (int end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
            String head = name.substring(0, end);
            if (rules.containsKey(head)) {
                return Optional.of(head);
            }
        }
        return Optional.empty();
    }

    /** The tensors of {@code source} below {@code prefix}, which have original names, under their diffusers names. */
    public MappedCheckpoint diffusersView(Checkpoint source, String prefix) {
        MappedCheckpoint view = new MappedCheckpoint(source);
        for (String full : source.names()) {
            if (full.startsWith(prefix)) {
                addFromOriginal(view, source, full, full.substring(prefix.length()));
            }
        }
        return view;
    }

    private void addFromOriginal(MappedCheckpoint view, Checkpoint source, String full, String name) {
        Optional<String> skip = longestPrefix(skipped, name);
        if (skip.isPresent()) {
            view.skip(full, skipped.get(skip.get()));
        } else if (splits.containsKey(name)) {
            List<String> targets = splits.get(name);
            Shape shape = source.shape(full);
            if (shape.rank() == 0 || shape.dim(0) % targets.size() != 0) {
                throw CheckpointException.of(source.source(), "rows for " + targets.size() + " parts in tensor " + full,
                    shape.toString());
            }
            for (int i = 0; i < targets.size(); i++) {
                view.put(targets.get(i), List.of(full), new Transform.Part(i, targets.size()));
            }
        } else if (transposed.containsKey(name)) {
            requireMatrix(source, full);
            view.put(transposed.get(name), List.of(full), new Transform.Transpose());
        } else {
            toDiffusers(name).ifPresentOrElse(
                target -> view.put(target, List.of(full), flattened(target, source.shape(full))),
                () -> view.unknown(full));
        }
    }

    private Transform flattened(String target, Shape shape) {
        boolean convolution = matrices.containsKey(target) && shape.rank() == 4
            && shape.dim(2) == 1 && shape.dim(3) == 1;
        return convolution ? new Transform.Reshape(Shape.of(shape.dim(0), shape.dim(1))) : SAME;
    }

    private static void requireMatrix(Checkpoint source, String full) {
        if (source.shape(full).rank() != 2) {
            throw CheckpointException.of(source.source(), "a matrix as tensor " + full, source.shape(full).toString());
        }
    }

    /**
     * All tensors of {@code source}, which have diffusers names, under their original names with {@code prefix} before.
     */
    public MappedCheckpoint originalView(Checkpoint source, String prefix) {
        MappedCheckpoint view = new MappedCheckpoint(source);
        for (String name : source.names()) {
            Split part = parts.get(name);
            if (part == null) {
                toOriginal(name).ifPresentOrElse(
                    original -> view.put(prefix + original, List.of(name),
                        restored(original, name, source.shape(name))),
                    () -> view.unknown(name));
            } else if (part.index() == 0) {
                view.put(prefix + part.original(), joined(source, part), new Transform.Concat());
            }
        }
        return view;
    }

    private Transform restored(String original, String name, Shape shape) {
        if (transposed.containsKey(original) && shape.rank() == 2) {
            return new Transform.Transpose();
        }
        return matrices.containsKey(name) && shape.rank() == 2
            ? new Transform.Reshape(Shape.of(shape.dim(0), shape.dim(1), 1, 1)) : SAME;
    }

    private List<String> joined(Checkpoint source, Split first) {
        List<String> names = new ArrayList<>(splits.get(first.original()));
        for (String name : names) {
            if (!source.has(name) || !source.shape(name).equals(source.shape(names.get(0)))) {
                throw CheckpointException.of(source.source(), "tensors of one shape as " + names,
                    source.has(name) ? source.shape(name).toString() + " for " + name : "no " + name);
            }
        }
        return names;
    }
}
