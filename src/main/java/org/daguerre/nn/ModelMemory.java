package org.daguerre.nn;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;

/** All device memory of one network: small tensors in an arena, packed weights in slots. Closing frees everything. */
public final class ModelMemory implements AutoCloseable {
    private final Ops ops;
    private final List<WeightSlot> slots = new ArrayList<>();
    private final Set<WeightSlot> adapted = new HashSet<>();
    private final Staging staging = new Staging();

    /** @param ops a root arena that nobody else uses; its type is the type of the activations */
    public ModelMemory(Ops ops) {
        this.ops = ops;
    }

    public Ops ops() {
        return ops;
    }

    PackedWeights pack(WeightSlot slot) {
        PackedWeights p = slot.pack(ops.backend(), ops.type(), staging);
        slots.add(slot);
        return p;
    }

    /** Full names of all modules with a weight that can be adapted. */
    public Set<String> modules() {
        Set<String> names = new LinkedHashSet<>();
        slots.forEach(s -> s.parts().forEach(p -> names.add(p.module())));
        return names;
    }

    /** The slot's description of a module, or null. */
    public WeightSlot.Part part(String module) {
        for (WeightSlot slot : slots) {
            for (WeightSlot.Part p : slot.parts()) {
                if (p.module().equals(module)) {
                    return p;
                }
            }
        }
        return null;
    }

    /**
     * Makes the weights those of the checkpoint with {@code adapter} applied to {@code modules}. Slots that an earlier call changed and
     * this one does not are packed again from the file, so they have exactly their first content.
     */
    public void adapt(Set<String> modules, WeightSlot.Adapter adapter) {
        for (WeightSlot slot : slots) {
            boolean changes = slot.parts().stream().anyMatch(p -> modules.contains(p.module()));
            if (changes) {
                adapted.add(slot);
                slot.repack(ops.backend(), ops.type(), adapter, staging);
            } else if (adapted.contains(slot)) {
                slot.repack(ops.backend(), ops.type(), WeightSlot.Adapter.NONE, staging);
                adapted.remove(slot);
            }
        }
    }

    @Override
    public void close() {
        slots.forEach(s -> s.free(ops.backend()));
        slots.clear();
        ops.close();
    }
}
