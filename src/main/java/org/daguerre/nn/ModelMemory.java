package org.daguerre.nn;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;

/**
 * All device memory of one network: small tensors in an arena, packed weights in slots. Closing frees everything. With {@code onDemand}
 * the packed weights are in the engine only {@link #during} their use and are packed again from the mapped file each time.
 */
public final class ModelMemory implements AutoCloseable {
    private final Ops ops;
    private final List<WeightSlot> slots = new ArrayList<>();
    private final Set<WeightSlot> adapted = new HashSet<>();
    private final Staging staging = new Staging();
    private final boolean onDemand;
    private final List<Runnable> whenReleased = new ArrayList<>();
    private int users;

    /** @param ops a root arena that nobody else uses; its type is the type of the activations */
    public ModelMemory(Ops ops) {
        this(ops, false);
    }

    /** @param onDemand whether the packed weights are in the engine only while they are used */
    public ModelMemory(Ops ops, boolean onDemand) {
        this.ops = ops;
        this.onDemand = onDemand;
    }

    public boolean onDemand() {
        return onDemand;
    }

    /** {@code action} is run whenever the weights have been used and leave the engine. */
    public void whenReleased(Runnable action) {
        whenReleased.add(action);
    }

    /** Runs work that uses the weights. */
    public <T> T during(Supplier<T> work) {
        return together(() -> {
            if (onDemand) {
                slots.forEach(s -> s.restore(ops.backend(), ops.type(), staging));
            }
            return work.get();
        });
    }

    /** Runs work that may use the weights {@link #during} parts of it: once there, they stay until its end. */
    public <T> T together(Supplier<T> work) {
        if (!onDemand) {
            return work.get();
        }
        users++;
        try {
            return work.get();
        } finally {
            if (--users == 0) {
                release();
            }
        }
    }

    private void release() {
        whenReleased.forEach(Runnable::run);
        slots.forEach(s -> s.release(ops.backend()));
        ops.backend().trim();
    }

    public Ops ops() {
        return ops;
    }

    PackedWeights pack(WeightSlot slot) {
        PackedWeights p = onDemand ? slot.declare(ops.type()) : slot.pack(ops.backend(), ops.type(), staging);
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
        slots.forEach(s -> s.release(ops.backend()));
        slots.clear();
        ops.close();
    }
}
