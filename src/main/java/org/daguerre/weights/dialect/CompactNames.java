package org.daguerre.weights.dialect;

import java.util.Collection;
import java.util.List;
import org.daguerre.weights.Checkpoint;

/**
 * Real-ESRGAN's small upscaler numbers its layers: {@code body.0} a convolution, {@code body.1} the slopes of a PReLU, and so on. The
 * slopes, negated, are seen as the diagonal of a matrix {@code body.1.slopes.weight}.
 */
public final class CompactNames {
    private CompactNames() {
    }

    /** Whether these are the names of such a network. */
    public static boolean matches(Collection<String> names) {
        return names.contains("body.0.weight") && names.contains("body.1.weight") && names.contains("body.2.bias")
            && names.stream().allMatch(n -> n.matches("body\\.\\d+\\.(weight|bias)"));
    }

    /** The file seen so. */
    public static MappedCheckpoint view(Checkpoint file) {
        MappedCheckpoint view = new MappedCheckpoint(file);
        for (String name : file.names()) {
            if (name.endsWith(".weight") && file.shape(name).rank() == 1) {
                view.put(name.replace(".weight", ".slopes.weight"), List.of(name), new Transform.NegatedDiagonal());
            } else {
                view.put(name, List.of(name), new Transform.Same());
            }
        }
        return view;
    }
}
