package org.daguerre.weights.torch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An object of a class that the reader does not know, kept for what it was given: the items put into it and its state.
 * It has no behaviour, and it equals only itself.
 */
public final class PyObject {
    private final String className;
    private final Map<Object, Object> items = new LinkedHashMap<>(0);
    private final List<Object> list = new ArrayList<>(0);
    private Object state = TorchFile.NONE;

    PyObject(String className) {
        this.className = className;
    }

    /** Such as {@code torch.nn.modules.container.ParameterDict}. */
    public String className() {
        return className;
    }

    /** What was stored under keys, as in a dictionary. */
    public Map<Object, Object> items() {
        return items;
    }

    /** What was appended, as to a list. */
    public List<Object> list() {
        return list;
    }

    /** Its attributes, usually a Map; {@link TorchFile#NONE} if it has none. */
    public Object state() {
        return state;
    }

    void setState(Object value) {
        state = value;
    }

    @Override
    public String toString() {
        return "<" + className + ">";
    }
}
