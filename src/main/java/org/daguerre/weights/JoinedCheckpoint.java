package org.daguerre.weights;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;

/** Several checkpoints with different names, seen as one. */
final class JoinedCheckpoint implements Checkpoint {
    private final List<Checkpoint> members;
    private final Map<String, Checkpoint> owners = new LinkedHashMap<>();

    JoinedCheckpoint(List<Checkpoint> members) {
        this.members = List.copyOf(members);
        for (Checkpoint m : members) {
            for (String name : m.names()) {
                if (owners.put(name, m) != null) {
                    throw CheckpointException.of(m.source(), "tensor " + name + " in one file only", "it in several");
                }
            }
        }
    }

    private Checkpoint owner(String name) {
        Checkpoint owner = owners.get(name);
        if (owner == null) {
            throw CheckpointException.of(source(), "tensor " + name, "no such tensor");
        }
        return owner;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(owners.keySet());
    }

    @Override
    public Shape shape(String name) {
        return owner(name).shape(name);
    }

    @Override
    public DType dtype(String name) {
        return owner(name).dtype(name);
    }

    @Override
    public HostTensor tensor(String name) {
        return owner(name).tensor(name);
    }

    @Override
    public Map<String, String> metadata() {
        Map<String, String> all = new LinkedHashMap<>();
        members.forEach(m -> m.metadata().forEach(all::putIfAbsent));
        return all;
    }

    @Override
    public Path source() {
        return members.get(0).source();
    }

    @Override
    public void close() {
        members.forEach(Checkpoint::close);
    }
}
