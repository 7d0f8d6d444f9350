package org.daguerre.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.daguerre.tensor.Shape;

/**
 * Collects the names and shapes of a network's weights, by layers, under a prefix. All lists made from one share their
 * content.
 */
final class TensorList {
    private final Map<String, Shape> all;
    private final String prefix;

    private TensorList(Map<String, Shape> all, String prefix) {
        this.all = all;
        this.prefix = prefix;
    }

    static TensorList empty() {
        return new TensorList(new LinkedHashMap<>(), "");
    }

    TensorList sub(String name) {
        return new TensorList(all, prefix + name + ".");
    }

    Map<String, Shape> shapes() {
        return Collections.unmodifiableMap(all);
    }

    void weight(String name, int... dims) {
        all.put(prefix + name + ".weight", Shape.of(dims));
    }

    private void bias(String name, int n) {
        all.put(prefix + name + ".bias", Shape.of(n));
    }

    void norm(String name, int n) {
        weight(name, n);
        bias(name, n);
    }

    void linear(String name, int out, int in) {
        weight(name, out, in);
        bias(name, out);
    }

    void conv(String name, int out, int in, int kernel) {
        weight(name, out, in, kernel, kernel);
        bias(name, out);
    }

    /**
     * A residual block.
     *
     * @param time width of the time embedding, 0 without
     */
    void resnet(String name, int in, int out, int time) {
        TensorList t = sub(name);
        t.norm("norm1", in);
        t.conv("conv1", out, in, 3);
        if (time > 0) {
            t.linear("time_emb_proj", out, time);
        }
        t.norm("norm2", out);
        t.conv("conv2", out, out, 3);
        if (in != out) {
            t.conv("conv_shortcut", out, in, 1);
        }
    }
}
