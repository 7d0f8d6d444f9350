package org.daguerre.bench;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.DeviceBuffer;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;

/**
 * Counts what a model asks of its engine: the same {@link Backend} methods, called by the model's own code. It can
 * stand in front of a real engine, or in place of one: then nothing is computed, and tensors are addresses without
 * memory.
 */
public final class WorkRecorder implements InvocationHandler {
    private final Backend target;
    private final Map<Work, Integer> counts = new LinkedHashMap<>();
    private double otherBytes;
    private int otherCalls;
    private long nextAddress = 256;

    private WorkRecorder(Backend target) {
        this.target = target;
    }

    /** Records and passes everything on. */
    public static WorkRecorder before(Backend target) {
        return new WorkRecorder(target);
    }

    /** Records and computes nothing. */
    public static WorkRecorder alone() {
        return new WorkRecorder(null);
    }

    /** The engine to give to the model. */
    public Backend backend() {
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, this);
    }

    /** Calls of conv2d, linear and attention since the last {@link #clear}, in the order in which they first came. */
    public Map<Work, Integer> counts() {
        return Collections.unmodifiableMap(counts);
    }

    /** Traffic of all other operations: their tensors, each read or written once. */
    public double otherBytes() {
        return otherBytes;
    }

    public int otherCalls() {
        return otherCalls;
    }

    public void clear() {
        counts.clear();
        otherBytes = 0;
        otherCalls = 0;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        note(method, arguments);
        if (target == null) {
            return answer(method, arguments);
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void note(Method method, Object[] a) {
        Optional<Work> work = work(method.getName(), a);
        if (work.isPresent()) {
            counts.merge(work.get(), 1, Integer::sum);
        } else if (!Set.of("upload", "download", "record").contains(method.getName())) {
            double bytes = traffic(a);
            otherBytes += bytes;
            otherCalls += bytes > 0 ? 1 : 0;
        }
    }

    /** A call of a method of {@link Backend} as work, if it is of a kind that does most of the arithmetic. */
    static Optional<Work> work(String method, Object[] arguments) {
        return switch (method) {
            case "conv2d" -> Optional.of(convolution(arguments));
            case "linear" -> Optional.of(linear(arguments));
            case "attention" -> Optional.of(attention(arguments));
            default -> Optional.empty();
        };
    }

    /** Bytes of the tensors of a call, each read or written once. */
    static double traffic(Object[] arguments) {
        double bytes = 0;
        for (Object a : arguments == null ? new Object[0] : arguments) {
            bytes += traffic(a);
        }
        return bytes;
    }

    private static Work convolution(Object[] a) {
        Tensor y = (Tensor) a[0];
        Tensor x = (Tensor) a[1];
        PackedWeights w = (PackedWeights) a[3];
        return new Work.Convolution(x.dim(0), x.dim(1), x.dim(2), w.inChannels(), w.inChannels2(), (Integer) a[6],
            (Integer) a[7], y.dim(1),
            y.dim(2), w.rows(), w.kernelHeight(), w.kernelWidth(), (Integer) a[8], (Integer) a[9], (Integer) a[10],
            a[5] != null);
    }

    private static Work linear(Object[] a) {
        Tensor x = (Tensor) a[1];
        PackedWeights w = (PackedWeights) a[2];
        return new Work.Linear(x.count() / x.dim(-1), w.inChannels(), w.rows(), w.kind() == PackedWeights.Kind.GEGLU,
            a[3] != null);
    }

    private static Work attention(Object[] a) {
        Columns q = (Columns) a[1];
        Columns k = (Columns) a[2];
        int heads = (Integer) a[4];
        return new Work.Attention(q.tensor().dim(0), q.tensor().dim(1), k.tensor().dim(1), heads, q.width() / heads,
            (Boolean) a[6]);
    }

    private static double traffic(Object argument) {
        if (argument instanceof Tensor t) {
            return t.bytes();
        }
        if (argument instanceof Columns c) {
            return (double) c.tensor().count() / c.stride() * c.width() * c.tensor().dtype().bytes();
        }
        double sum = 0;
        if (argument instanceof Tensor[] all) {
            for (Tensor t : all) {
                sum += t.bytes();
            }
        }
        return sum;
    }

    /** What an engine without memory returns. */
    private Object answer(Method method, Object[] a) {
        return switch (method.getName()) {
            case "name", "description" -> "recorder";
            case "preferredType" -> DType.F16;
            case "supports" -> true;
            case "canRecord" -> false;
            case "statistics" -> new Backend.Statistics(0, 0, 0, 0, 0, 0, 0, 0);
            case "alloc" -> buffer((Long) a[0]);
            case "packConv2d" -> packed(PackedWeights.Kind.CONV2D, (DType) a[0], (HostTensor) a[1], (Integer) a[3]);
            case "packLinear" -> packed((Boolean) a[3] ? PackedWeights.Kind.GEGLU : PackedWeights.Kind.LINEAR,
                (DType) a[0], (HostTensor) a[1], 0);
            case "record" -> throw new UnsupportedOperationException("record: expected an engine behind the recorder");
            default -> null;
        };
    }

    private DeviceBuffer buffer(long bytes) {
        DeviceBuffer b = new DeviceBuffer(nextAddress, bytes);
        nextAddress += (bytes + 255) / 256 * 256 + 256;
        return b;
    }

    private static PackedWeights packed(PackedWeights.Kind kind, DType type, HostTensor w, int c2) {
        int[] d = w.shape().toArray();
        boolean taps = d.length == 4;
        return new PackedWeights(kind, type, d[0], d[1] - c2, c2, taps ? d[2] : 1, taps ? d[3] : 1, 0L);
    }
}
