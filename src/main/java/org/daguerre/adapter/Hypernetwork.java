package org.daguerre.adapter;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.ContextTransform;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Weights;

/**
 * A1111's hypernetworks: for each width of keys' and values' input, two small networks that are applied to it in every
 * attention layer where that width occurs. Old and new {@code .pt} files; dropout is for training only.
 */
public final class Hypernetwork implements AutoCloseable {
    private final ModelMemory memory;
    private final Map<Integer, HypernetworkModule> keys = new TreeMap<>();
    private final Map<Integer, HypernetworkModule> values = new TreeMap<>();

    private Hypernetwork(ModelMemory memory) {
        this.memory = memory;
    }

    /**
     * @param ops an arena of its own, in the type of the U-Net's activations
     * @throws CheckpointException if this is no hypernetwork, or one with an activation that is not known here
     */
    public static Hypernetwork load(Ops ops, Checkpoint file) {
        Hypernetwork hyper = new Hypernetwork(new ModelMemory(ops));
        try {
            hyper.load(file);
            return hyper;
        } catch (RuntimeException e) {
            hyper.close();
            throw e;
        }
    }

    private void load(Checkpoint file) {
        Weights weights = Weights.of(file);
        String name = file.metadata().getOrDefault("activation_func", "linear");
        BiFunction<Ops, Tensor, Tensor> f = HypernetworkActivation.of(name);
        if (f == null) {
            throw CheckpointException.of(file.source(), "an activation of hypernetworks", name);
        }
        // A file that does not say activates its output: A1111 reads it so.
        boolean atEnd = Boolean.parseBoolean(file.metadata().getOrDefault("activate_output", "true"));
        for (int width : widths(file)) {
            Params p = new Params(weights.sub("" + width), memory);
            keys.put(width, HypernetworkModule.load(p.sub("0"), width, f, atEnd));
            values.put(width, HypernetworkModule.load(p.sub("1"), width, f, atEnd));
        }
        if (keys.isEmpty() || !weights.unused().isEmpty()) {
            throw CheckpointException.of(file.source(), "a hypernetwork: WIDTH.0.linear.N and WIDTH.1.linear.N",
                keys.isEmpty() ? "none" : "also " + weights.unused().iterator().next());
        }
    }

    private static Set<Integer> widths(Checkpoint file) {
        Set<Integer> widths = new TreeSet<>();
        for (String name : file.names()) {
            if (name.matches("\\d{1,6}\\..*")) {
                widths.add(Integer.parseInt(name.substring(0, name.indexOf('.'))));
            }
        }
        return widths;
    }

    /** Widths of keys' and values' inputs that it changes. */
    public Set<Integer> widths() {
        return keys.keySet();
    }

    /** What it does to the U-Net's attention. */
    public ContextTransform transform(double strength) {
        return new ContextTransform() {
            @Override
            public boolean applies(int width) {
                return keys.containsKey(width);
            }

            @Override
            public Tensor forKeys(Ops ops, Tensor context) {
                return keys.get(context.dim(-1)).forward(ops, context, strength);
            }

            @Override
            public Tensor forValues(Ops ops, Tensor context) {
                return values.get(context.dim(-1)).forward(ops, context, strength);
            }
        };
    }

    @Override
    public void close() {
        memory.close();
    }
}
