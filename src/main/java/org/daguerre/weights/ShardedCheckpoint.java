package org.daguerre.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;

/** Several files seen as one, tied together by an index {@code {"weight_map": {TENSOR: FILE}}} next to them. */
final class ShardedCheckpoint implements Checkpoint {
    private final Path index;
    private final Map<String, Checkpoint> owners;
    private final Map<String, Checkpoint> shards;

    private ShardedCheckpoint(Path index, Map<String, Checkpoint> owners, Map<String, Checkpoint> shards) {
        this.index = index;
        this.owners = owners;
        this.shards = shards;
    }

    static ShardedCheckpoint open(Path index) {
        ObjectNode root = Json.readObject(index);
        if (!(root.get("weight_map") instanceof ObjectNode map)) {
            throw CheckpointException.of(index, "an object weight_map", String.valueOf(root.get("weight_map")));
        }
        Map<String, Checkpoint> shards = new HashMap<>();
        Map<String, Checkpoint> owners = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, JsonNode> e : map.properties()) {
                String file = fileName(index, e.getKey(), e.getValue());
                Checkpoint shard = shards.computeIfAbsent(file, f -> Checkpoints.openFile(index.resolveSibling(f)));
                if (!shard.has(e.getKey())) {
                    throw CheckpointException.of(index, "tensor " + e.getKey() + " in " + file, "no such tensor there");
                }
                owners.put(e.getKey(), shard);
            }
            return new ShardedCheckpoint(index, owners, shards);
        } catch (RuntimeException x) {
            shards.values().forEach(Checkpoint::close);
            throw x;
        }
    }

    /** Only a plain name: an index must not reach files outside its folder. */
    private static String fileName(Path index, String tensor, JsonNode value) {
        String name = value.isTextual() ? value.textValue() : "";
        boolean plain = !name.isEmpty() && !name.equals("..") && !name.equals(".")
            && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
        if (!plain) {
            throw CheckpointException.of(index, "a plain file name for tensor " + tensor, value.toString());
        }
        return name;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(owners.keySet());
    }

    private Checkpoint owner(String name) {
        Checkpoint owner = owners.get(name);
        if (owner == null) {
            throw CheckpointException.of(index, "tensor " + name, "no such tensor");
        }
        return owner;
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

    /** What the shards say; the first one wins. */
    @Override
    public Map<String, String> metadata() {
        Map<String, String> all = new LinkedHashMap<>();
        shards.values().forEach(s -> s.metadata().forEach(all::putIfAbsent));
        return all;
    }

    @Override
    public Path source() {
        return index;
    }

    @Override
    public void close() {
        shards.values().forEach(Checkpoint::close);
    }
}
