package org.daguerre.adapter;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.daguerre.nn.LayerNorm;
import org.daguerre.nn.Linear;
import org.daguerre.nn.Params;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.CheckpointException;

/**
 * One small network of a hypernetwork: linear layers, each with an activation and a norm behind it where the file has
 * them.
 */
record HypernetworkModule(List<BiFunction<Ops, Tensor, Tensor>> layers) {
    private static final float EPS = 1e-5f;

    /**
     * @param p     scope of the module: {@code linear.N}, or {@code linear1} and {@code linear2} in old files
     * @param f     activation behind the linear layers
     * @param atEnd whether the last one has it too
     */
    static HypernetworkModule load(Params p, int width, BiFunction<Ops, Tensor, Tensor> f, boolean atEnd) {
        TreeMap<Integer, String> scopes = new TreeMap<>();
        for (String name : p.weights().names()) {
            if (name.matches("linear\\.?\\d{1,3}\\.weight")) {
                scopes.put(Integer.parseInt(name.replaceAll("\\D", "")), name.substring(0, name.lastIndexOf('.')));
            }
        }
        int last = scopes.keySet().stream().filter(i -> isLinear(p, scopes.get(i))).reduce(-1, Math::max);
        List<BiFunction<Ops, Tensor, Tensor>> layers = new ArrayList<>();
        int in = width;
        for (int i : scopes.keySet()) {
            Params scope = p.sub(scopes.get(i));
            if (isLinear(p, scopes.get(i))) {
                int out = scope.weights().shape("weight").dim(0);
                Linear linear = Linear.load(scope, in, out);
                layers.add(linear::forward);
                if (i < last || atEnd) {
                    layers.add(f);
                }
                in = out;
            } else {
                LayerNorm norm = LayerNorm.load(scope, in, EPS);
                layers.add(norm::forward);
            }
        }
        if (layers.isEmpty() || in != width) {
            throw CheckpointException.of(p.weights().checkpoint().source(),
                "layers from " + width + " to " + width + " values in " + p.weights().prefix(),
                layers.isEmpty() ? "none" : "layers to " + in);
        }
        return new HypernetworkModule(layers);
    }

    private static boolean isLinear(Params p, String scope) {
        return p.weights().shape(scope + ".weight").rank() == 2;
    }

    /** x + strength * layers(x). */
    Tensor forward(Ops parent, Tensor x, double strength) {
        return parent.scoped(ops -> {
            Tensor h = x;
            for (BiFunction<Ops, Tensor, Tensor> layer : layers) {
                h = layer.apply(ops, h);
            }
            return ops.combine(x.dtype(), new double[] {1, strength}, x, h);
        });
    }
}
