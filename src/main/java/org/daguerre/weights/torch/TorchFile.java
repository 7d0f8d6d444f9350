package org.daguerre.weights.torch;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.MappedFile;

/**
 * A torch file, zip or legacy, read as data. As a {@link Checkpoint} it shows the tensors below the usual wrapping key
 * under dotted names; {@link #root} gives the whole contents for adapters that keep more than tensors.
 *
 * <p>Numbers lie in the mapped file; only tensors that are not contiguous there are copied.
 */
public final class TorchFile implements Checkpoint {
    /** Stands for Python's None in {@link #root}. */
    public static final Object NONE = new Object() {
        @Override
        public String toString() {
            return "None";
        }
    };

    private final MappedFile file;
    private final Object root;
    private final TorchStorages storages;
    private final Map<String, TensorRef> tensors;

    private TorchFile(MappedFile file, Object root, TorchStorages storages) {
        this.file = file;
        this.root = root;
        this.storages = storages;
        this.tensors = TensorTree.tensors(file.path(), root);
        tensors.forEach(this::check);
    }

    /**
     * @throws CheckpointException if the file cannot be read, breaks its format, or mentions a name that could do harm
     */
    public static TorchFile open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            if (file.size() >= 4 && file.slice(0, 4).getInt() == 0x04034b50) {
                TorchZip zip = new TorchZip(file);
                return new TorchFile(file, new PickleMachine(path, zip.pickle()).load(), zip);
            }
            TorchLegacy legacy = new TorchLegacy(file);
            return new TorchFile(file, legacy.root(), legacy);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Whether bytes begin a torch file: a zip, or a pickle of torch's magic number. */
    public static boolean matches(byte[] start) {
        boolean zip = start.length >= 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
        boolean pickle = start.length >= 2 && (start[0] & 0xff) == 0x80 && start[1] >= 0 && start[1] <= 5;
        return zip || pickle;
    }

    /**
     * The contents as plain values: Map, List (lists, tuples and sets), String, Long, BigInteger, Double, Boolean,
     * byte[], {@link #NONE}, {@link TensorRef}, and the inert {@link GlobalRef} and {@link PyObject}. A container may
     * contain itself, so do not print or compare values from strangers as a whole.
     */
    public Object root() {
        return root;
    }

    /** Reads a tensor found in {@link #root}. */
    public HostTensor read(String name, TensorRef ref) {
        check(name, ref);
        long bytes = ref.shape().count() * ref.dtype().bytes();
        if (bytes > Integer.MAX_VALUE) {
            throw CheckpointException.of(file.path(), "tensors of at most 2 GiB", name + " of " + bytes + " bytes");
        }
        if (bytes == 0) {
            return new HostTensor(name, ref.dtype(), ref.shape(), HostTensor.allocate(0));
        }
        int size = ref.dtype().bytes();
        ByteBuffer source = storages.slice(ref.storage(), ref.offset() * size, span(ref) * size);
        return ref.isContiguous()
            ? new HostTensor(name, ref.dtype(), ref.shape(), source, storages.mapped(ref.storage()))
            : new HostTensor(name, ref.dtype(), ref.shape(), Gather.copy(ref, source));
    }

    /** Number of elements of the storage from the first to the last that the tensor uses. */
    private static long span(TensorRef ref) {
        long last = 0;
        for (int i = 0; i < ref.shape().rank(); i++) {
            last += (ref.shape().dim(i) - 1) * ref.strides().get(i);
        }
        return last + 1;
    }

    /** The pickle says how long a storage is; here it is compared with what is there. */
    private void check(String name, TensorRef ref) {
        long needed = ref.shape().count() == 0 ? 0 : (ref.offset() + span(ref)) * ref.dtype().bytes();
        if (needed > 0 && needed > storages.bytes(ref.storage())) {
            throw CheckpointException.of(file.path(), needed + " bytes in storage " + ref.storage() + " for tensor "
                + name,
                Math.max(0, storages.bytes(ref.storage())) + " bytes");
        }
    }

    private TensorRef ref(String name) {
        TensorRef ref = tensors.get(name);
        if (ref == null) {
            throw CheckpointException.of(file.path(), "tensor " + name, "no such tensor");
        }
        return ref;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    @Override
    public Shape shape(String name) {
        return ref(name).shape();
    }

    @Override
    public DType dtype(String name) {
        return ref(name).dtype();
    }

    @Override
    public HostTensor tensor(String name) {
        return read(name, ref(name));
    }

    /** Texts and numbers at the top of the contents, such as {@code epoch} or {@code sd_checkpoint_name}. */
    @Override
    public Map<String, String> metadata() {
        return TensorTree.metadata(root);
    }

    @Override
    public Path source() {
        return file.path();
    }

    @Override
    public void close() {
        file.close();
    }
}
