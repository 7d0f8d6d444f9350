package org.daguerre.weights.torch;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.MappedFile;

/**
 * A torch file before 1.6: five pickles one behind the other (a magic number, a version, facts about the machine, the
 * contents, the keys of the storages), then for each key the length as 64 bits and the numbers.
 */
final class TorchLegacy implements TorchStorages {
    /** The number that such a file begins with. */
    static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long VERSION = 1001;
    private static final long MAX_PICKLE_BYTES = 64L << 20;

    private record Place(long offset, long bytes) {
    }

    private final MappedFile file;
    private final Map<String, Place> places = new HashMap<>();
    private final Object root;

    TorchLegacy(MappedFile file) {
        this.file = file;
        PickleMachine machine = new PickleMachine(file.path(), file.slice(0, Math.min(file.size(), MAX_PICKLE_BYTES)));
        expect(MAGIC.equals(machine.load()), "torch's magic number", "another value");
        expect(Long.valueOf(VERSION).equals(machine.load()), "version " + VERSION, "another version");
        Object facts = machine.load();
        expect(facts instanceof Map<?, ?> m && !Boolean.FALSE.equals(m.get("little_endian")), "little-endian numbers",
            "another order");
        root = machine.load();
        Map<String, Integer> sizes = machine.storages();
        expect(machine.load() instanceof List<?> keys && locate(keys, sizes, machine.position()), "keys of storages",
            "another value");
    }

    private void expect(boolean condition, String expected, String found) {
        if (!condition) {
            throw CheckpointException.of(file.path(), expected, found);
        }
    }

    /** The sizes of the elements are known only from where the contents mention the storages. */
    private boolean locate(List<?> keys, Map<String, Integer> sizes, long start) {
        long at = start;
        for (Object key : keys) {
            expect(at <= file.size() - 8, "the length of storage " + PickleRules.describe(key), "the end of the file");
            long elements = file.slice(at, 8).getLong();
            at += 8;
            Integer size = key instanceof String ? sizes.get(key) : null;
            expect(size != null, "a tensor that uses storage " + PickleRules.describe(key), "none");
            expect(elements >= 0 && elements <= (file.size() - at) / size, elements + " elements in storage " + key,
                (file.size() - at) + " bytes");
            places.put((String) key, new Place(at, elements * size));
            at += elements * size;
        }
        return true;
    }

    Object root() {
        return root;
    }

    @Override
    public long bytes(String key) {
        return places.containsKey(key) ? places.get(key).bytes() : -1;
    }

    @Override
    public boolean mapped(String key) {
        return true;
    }

    @Override
    public ByteBuffer slice(String key, long offset, long length) {
        return file.slice(places.get(key).offset() + offset, length);
    }
}
