package org.daguerre.weights.torch;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.daguerre.weights.CheckpointException;

/**
 * Finds the tensors in the contents of a torch file and names each by its path, joined with dots. A known wrapping key
 * at the top ({@code state_dict}, ...) is left out of the names, and what is next to it is ignored.
 */
final class TensorTree {
    private static final List<String> WRAPPERS =
        List.of("state_dict", "params_ema", "params", "model_state_dict", "string_to_param");
    /** Where objects of torch's module classes keep their tensors. */
    private static final List<String> MODULE_PARTS = List.of("_parameters", "_buffers", "_modules");
    private static final int MAX_DEPTH = 64;
    private static final int MAX_VISITS = 1_000_000;
    private static final int MAX_TEXT = 10_000;

    private final Path file;
    private final Map<String, TensorRef> found = new LinkedHashMap<>();
    private int visits;

    private TensorTree(Path file) {
        this.file = file;
    }

    static Map<String, TensorRef> tensors(Path file, Object root) {
        if (root instanceof Map<?, ?> map) {
            for (String wrapper : WRAPPERS) {
                Map<String, TensorRef> inner = under(file, map.get(wrapper));
                if (!inner.isEmpty()) {
                    return inner;
                }
            }
        }
        return under(file, root);
    }

    private static Map<String, TensorRef> under(Path file, Object value) {
        TensorTree tree = new TensorTree(file);
        if (value instanceof Map || value instanceof List || value instanceof PyObject) {
            tree.walk("", value, 0);
        } else if (value instanceof TensorRef tensor) {
            tree.found.put("tensor", tensor);
        }
        return tree.found;
    }

    /** Shared and circular contents could be walked for ever, so depth and steps are limited. */
    private void walk(String path, Object value, int depth) {
        visits++;
        if (visits > MAX_VISITS) {
            throw CheckpointException.of(file, "at most " + MAX_VISITS + " values", "more");
        }
        if (depth > MAX_DEPTH) {
            return;
        }
        if (value instanceof TensorRef tensor) {
            found.putIfAbsent(path, tensor);
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, v) -> {
                if (key instanceof String || key instanceof Long) {
                    walk(join(path, key), v, depth + 1);
                }
            });
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                walk(join(path, i), list.get(i), depth + 1);
            }
        } else if (value instanceof PyObject object) {
            walkObject(path, object, depth);
        }
    }

    private void walkObject(String path, PyObject object, int depth) {
        walk(path, object.items(), depth + 1);
        if (object.state() instanceof Map<?, ?> state) {
            for (String part : MODULE_PARTS) {
                if (state.get(part) instanceof Map<?, ?> inner) {
                    walk(path, inner, depth + 1);
                }
            }
        }
    }

    private static String join(String path, Object key) {
        return path.isEmpty() ? key.toString() : path + "." + key;
    }

    /** Texts and numbers at the top of the contents. */
    static Map<String, String> metadata(Object root) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (root instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                boolean plain = value instanceof Number || value instanceof Boolean
                    || value instanceof String s && s.length() <= MAX_TEXT;
                if (key instanceof String name && plain) {
                    texts.put(name, value.toString());
                }
            });
        }
        return texts;
    }
}
