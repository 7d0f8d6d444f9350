package org.daguerre.weights.torch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.CheckpointException;

/** Checks the arguments with which a pickle rebuilds storages and tensors. */
final class TensorBuilder {
    private static final Map<String, DType> STORAGES = Map.ofEntries(
        Map.entry("FloatStorage", DType.F32), Map.entry("HalfStorage", DType.F16),
        Map.entry("BFloat16Storage", DType.BF16), Map.entry("DoubleStorage", DType.F64),
        Map.entry("LongStorage", DType.I64), Map.entry("IntStorage", DType.I32), Map.entry("ShortStorage", DType.I16),
        Map.entry("CharStorage", DType.I8), Map.entry("ByteStorage", DType.U8), Map.entry("BoolStorage", DType.BOOL),
        Map.entry("UntypedStorage", DType.U8));
    private static final Map<String, DType> TYPES = Map.ofEntries(
        Map.entry("torch.float32", DType.F32), Map.entry("torch.float16", DType.F16),
        Map.entry("torch.bfloat16", DType.BF16), Map.entry("torch.float64", DType.F64),
        Map.entry("torch.int64", DType.I64), Map.entry("torch.int32", DType.I32), Map.entry("torch.int16", DType.I16),
        Map.entry("torch.int8", DType.I8), Map.entry("torch.uint8", DType.U8), Map.entry("torch.bool", DType.BOOL));
    /** A view may repeat elements (stride 0); beyond this many it may not have more than its storage. */
    private static final long FREE_ELEMENTS = 1 << 16;
    private static final int MAX_RANK = 16;
    /** Far beyond any file, and small enough for byte counts to fit in 64 bits. */
    private static final long MAX_ELEMENTS = 1L << 56;

    /** Types that are stepped over; the reader has to know their size for that. */
    private static final Map<String, Integer> OTHER_STORAGES = Map.of("ComplexFloatStorage", 8,
        "ComplexDoubleStorage", 16, "QInt8Storage", 1, "QUInt8Storage", 1, "QInt32Storage", 4);

    private final Path file;
    private final Map<String, Integer> storages = new HashMap<>();

    TensorBuilder(Path file) {
        this.file = file;
    }

    /** Bytes per element of every storage seen, by key. */
    Map<String, Integer> storages() {
        return storages;
    }

    /**
     * A storage, or in legacy files also {@code ('module', class, source file, source)}, which stands for the class.
     */
    Object persistent(Object id) {
        boolean module = id instanceof List<?> l && l.size() >= 2 && "module".equals(l.get(0))
            && l.get(1) instanceof GlobalRef;
        return module ? ((List<?>) id).get(1) : storage(id);
    }

    /** {@code ('storage', type, key, location, elements[, view])}; an inert object if the type is not supported. */
    private Object storage(Object persistentId) {
        if (!(persistentId instanceof List<?> id) || id.size() < 5 || !"storage".equals(id.get(0))
            || !(id.get(1) instanceof GlobalRef type) || !(id.get(2) instanceof String key)) {
            throw CheckpointException.of(file, "a reference to a storage",
                String.valueOf(persistentId instanceof List<?> l
                ? "a tuple of " + l.size() : PickleRules.describe(persistentId)));
        }
        long elements = number(id.get(4), "length of storage " + key);
        if (elements > MAX_ELEMENTS) {
            throw CheckpointException.of(file, "a storage of at most " + MAX_ELEMENTS + " elements", "" + elements);
        }
        DType dtype = STORAGES.get(type.name());
        if (dtype == null || !type.module().startsWith("torch")) {
            storages.put(key, OTHER_STORAGES.getOrDefault(type.name(), 1));
            return new PyObject(type.toString());
        }
        storages.put(key, dtype.bytes());
        long start = 0;
        if (id.size() > 5 && id.get(5) instanceof List<?> view && view.size() == 3) {
            start = number(view.get(1), "start of a view of storage " + key);
        }
        return new StorageRef(key, dtype, elements, start);
    }

    /** {@code (storage, offset, size, stride, ...)}. */
    Object build(List<?> arguments) {
        return tensor(arguments, Optional.empty());
    }

    /** {@code (storage, offset, size, stride, requires_grad, hooks, dtype, ...)}, over a storage of bytes. */
    Object buildTyped(List<?> arguments) {
        DType dtype = arguments.size() > 6 ? TYPES.get(String.valueOf(arguments.get(6))) : null;
        return dtype == null ? new PyObject("tensor of another type") : tensor(arguments, Optional.of(dtype));
    }

    private Object tensor(List<?> arguments, Optional<DType> type) {
        if (!arguments.isEmpty() && arguments.get(0) instanceof PyObject unsupported) {
            return new PyObject("tensor over " + unsupported.className());
        }
        if (arguments.size() < 4 || !(arguments.get(0) instanceof StorageRef storage)
            || !(arguments.get(2) instanceof List<?> size) || !(arguments.get(3) instanceof List<?> stride)
            || size.size() != stride.size() || size.size() > MAX_RANK) {
            throw CheckpointException.of(file, "storage, offset, size and stride of a tensor", "other arguments");
        }
        DType dtype = type.orElse(storage.dtype());
        long elements = storage.elements() / (type.isPresent() ? dtype.bytes() / storage.dtype().bytes() : 1);
        int[] dims = new int[size.size()];
        List<Long> strides = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = (int) Math.min(number(size.get(i), "size of a tensor"), Integer.MAX_VALUE);
            strides.add(number(stride.get(i), "stride of a tensor"));
        }
        long offset = number(arguments.get(1), "offset of a tensor");
        return checked(new StorageRef(storage.key(), dtype, elements, storage.start()), offset, dims, strides);
    }

    private TensorRef checked(StorageRef storage, long offset, int[] dims, List<Long> strides) {
        try {
            Shape shape = Shape.of(dims);
            long start = Math.addExact(offset, storage.start());
            long last = start;
            for (int i = 0; i < dims.length; i++) {
                last = Math.addExact(last, Math.multiplyExact(Math.max(0, dims[i] - 1L), strides.get(i)));
            }
            boolean inside = shape.count() == 0 || last < storage.elements();
            if (inside && shape.count() <= Math.max(storage.elements(), FREE_ELEMENTS)) {
                return new TensorRef(storage.key(), storage.dtype(), shape, start, strides);
            }
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw CheckpointException.of(file, "a tensor inside storage " + storage.key(), e.getMessage(), e);
        }
        throw CheckpointException.of(file, "a tensor inside the " + storage.elements() + " elements of storage "
            + storage.key(), "offset " + offset + ", size " + Arrays.toString(dims) + ", strides " + strides);
    }

    private long number(Object value, String what) {
        if (!(value instanceof Long n) || n < 0) {
            throw CheckpointException.of(file, "a number from 0 to 2^63 - 1 as " + what,
                value instanceof Number ? value.toString() : PickleRules.describe(value));
        }
        return n;
    }
}
