package org.daguerre.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Buffer;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.DeviceBuffer;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/**
 * A native engine whose buffers lie between two guards. All of it, guards and content, starts as bytes of ones: a NaN
 * in every floating point type. What is read before it was written, or from outside, therefore shows in the result;
 * what is written outside is found when the buffer is freed, as an {@link AssertionError}.
 */
public final class GuardedBackend {
    private static final int GUARD_BYTES = 256;

    private final Backend engine;
    private final Map<Long, DeviceBuffer> whole = new HashMap<>();

    private GuardedBackend(Backend engine) {
        this.engine = engine;
    }

    /** The engine itself where its memory is not at addresses ({@code java}: the JVM checks bounds). */
    public static Backend around(Backend engine) {
        if (engine.name().equals("java")) {
            return engine;
        }
        GuardedBackend guard = new GuardedBackend(engine);
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> guard.call(method, arguments));
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("alloc")) {
            return alloc((Long) arguments[0], (DType) arguments[1]);
        }
        if (method.getName().equals("free") && arguments[0] instanceof DeviceBuffer buffer) {
            free(buffer);
            return null;
        }
        try {
            return method.invoke(engine, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Buffer alloc(long bytes, DType dtype) {
        DeviceBuffer buffer = (DeviceBuffer) engine.alloc(2L * GUARD_BYTES + (bytes + 3) / 4 * 4, dtype);
        Tensor words = words(buffer);
        int[] ones = new int[Math.toIntExact(words.count())];
        Arrays.fill(ones, -1);
        engine.upload(words, ones);
        DeviceBuffer inner = new DeviceBuffer(buffer.address() + GUARD_BYTES, bytes);
        whole.put(inner.address(), buffer);
        return inner;
    }

    private void free(DeviceBuffer inner) {
        DeviceBuffer buffer = whole.remove(inner.address());
        int[] found = new int[Math.toIntExact(buffer.bytes() / 4)];
        engine.download(found, words(buffer));
        engine.free(buffer);
        int end = (int) ((GUARD_BYTES + inner.bytes()) / 4);
        for (int i = 0; i < found.length; i++) {
            if (i < GUARD_BYTES / 4 || i > end || i == end && inner.bytes() % 4 == 0) {
                require(found[i] == -1, inner, 4L * i);
            } else if (i == end) {
                int kept = 8 * (int) (inner.bytes() % 4);
                require(found[i] >> kept == -1, inner, 4L * i);
            }
        }
    }

    private static void require(boolean intact, DeviceBuffer inner, long position) {
        if (!intact) {
            throw new AssertionError("a buffer of " + inner.bytes()
                + " bytes: expected nothing outside to be written, found a change at byte "
                + (position - GUARD_BYTES));
        }
    }

    private static Tensor words(DeviceBuffer buffer) {
        return new Tensor(buffer, 0, DType.I32, Shape.of(Math.toIntExact(buffer.bytes() / 4)));
    }
}
